// A recipe's text may be anything: it is read or refused with an Error.
#include "podium/recipe/recipe.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "podium/core/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  podium::Recipe recipe;
  try {
    recipe = podium::parse_recipe(text, "fuzz.toml", "folder");
  } catch (const podium::Error&) {
    return 0;
  }
  // What was understood is written and understood again as the same; an Error here is a finding.
  const std::string json = podium::to_json(recipe);
  if (podium::to_json(podium::recipe_from_json(json, "fuzz.json")) != json) __builtin_trap();
  if (podium::to_json(podium::parse_recipe(podium::to_toml(recipe), "again.toml")) != json) __builtin_trap();
  return 0;
}
