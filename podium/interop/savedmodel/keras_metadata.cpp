#include "podium/interop/savedmodel/keras_metadata.h"

#include <string>

#include "podium/core/error.h"
#include "podium/interop/keras/options.h"
#include "podium/interop/parse.h"
#include "podium/interop/proto/keras_metadata.pb.h"

namespace podium::interop {
void note_keras_metadata(std::string_view bytes, GraphImporter& importer) {
  constexpr const char* kFile = "keras_metadata.pb";
  tf::KerasMetadata metadata;
  if (!parse(metadata, bytes)) throw Error(std::string(kFile) + ": is cut or damaged; save the model again");
  for (const auto& object : metadata.nodes()) {
    if (!object.identifier().starts_with("_tf_keras_") || object.metadata().empty()) continue;
    const Json json = parse_json<Json>(object.metadata(), kFile, {.depth = 128});
    const auto config = json.is_object() ? json.find("config") : json.end();
    if (config == json.end() || !config->is_object()) continue;
    const auto name = json.find("name");
    const bool is_named = name != json.end() && name->is_string();
    note_losses(*config, "the layer \"" + (is_named ? name->get<std::string>() : object.node_path()) + "\"",
                /*keeps_l2=*/false, importer);
  }
}
}  // namespace podium::interop
