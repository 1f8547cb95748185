#include "podium/features/vocabulary.h"

#include <gtest/gtest.h>

#include <map>
#include <numeric>
#include <set>
#include <string>

#include "podium/core/error.h"
#include "podium/core/random.h"

namespace podium {
namespace {
Strings strings(const std::vector<std::string>& values) {
  Strings result;
  for (const auto& value : values) result.push_back(value);
  return result;
}

std::vector<std::uint32_t> all_rows(std::size_t count) {
  std::vector<std::uint32_t> rows(count);
  std::iota(rows.begin(), rows.end(), 0U);
  return rows;
}

/// Words of 0 to 12 bytes out of a few, NUL and bytes above 127 among them, so that prefixes and repeats abound.
std::vector<std::string> random_words(std::size_t count, std::uint64_t seed) {
  const std::string letters = {'a', 'b', '\0', '\x7f', '\x80', '\xff'};
  const Random random(seed);
  std::vector<std::string> words(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto length = random.below(13, i, 0);
    for (std::size_t k = 1; k <= length; ++k) words[i] += letters[random.below(letters.size(), i, k)];
  }
  return words;
}

TEST(StringVocabulary, EqualsASetOfUnsignedBytesOnRandomWords) {
  for (const std::size_t count : {0U, 1U, 2U, 100U, 20'000U}) {
    const auto words = random_words(count, count);
    const auto vocabulary = StringVocabulary::of(strings(words), all_rows(count));
    const std::set<std::string> reference(words.begin(), words.end());  // std::string compares unsigned bytes
    ASSERT_EQ(vocabulary.size(), reference.size());
    std::uint32_t index = 0;
    for (const auto& word : reference) {
      ++index;
      ASSERT_EQ(vocabulary.index(word), index);
      ASSERT_EQ(vocabulary.value(index), word);
    }
    for (const auto& word : random_words(1000, count + 1)) {
      ASSERT_EQ(vocabulary.index(word) != 0, reference.contains(word));
    }
  }
}

TEST(StringVocabulary, SortsStringsOfOnePrefix) {  // which the sort skips: to nothing, to a NUL, to more than 8 bytes
  auto words = random_words(3000, 4);
  for (auto& word : words) word = "user_" + word;
  const auto values = StringVocabulary::of(strings(words), all_rows(words.size())).values();
  const std::set<std::string> reference(words.begin(), words.end());
  EXPECT_EQ(values, strings({reference.begin(), reference.end()}));
}

TEST(StringVocabulary, TakesTheRowsAskedForAlone) {
  const auto column = strings({"b", "a", "c", "a"});
  const std::vector<std::uint32_t> rows = {3, 0, 3};
  EXPECT_EQ(StringVocabulary::of(column, rows).values(), strings({"a", "b"}));
}

TEST(StringVocabulary, DoesNotDependOnTheOrderOfTheRows) {
  const auto words = strings(random_words(5000, 3));
  auto rows = all_rows(5000);
  const auto forward = StringVocabulary::of(words, rows);
  std::reverse(rows.begin(), rows.end());
  EXPECT_EQ(StringVocabulary::of(words, rows).values(), forward.values());
}

TEST(StringVocabulary, KeepsTheOrderGiven) {
  const StringVocabulary vocabulary(strings({"z", "", "a"}));
  EXPECT_EQ(vocabulary.index("z"), 1U);
  EXPECT_EQ(vocabulary.index(""), 2U);
  EXPECT_EQ(vocabulary.index("a"), 3U);
  EXPECT_EQ(vocabulary.index("y"), 0U);
}

TEST(StringVocabulary, RefusesAStringGivenTwice) {
  try {
    StringVocabulary(strings({"a", "b", "a"}));
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("\"a\" stands there twice, as number 1 and as number 3"),
              std::string::npos);
  }
}

TEST(StringVocabulary, RefusesAnIndexWithoutAValue) {
  const StringVocabulary vocabulary(strings({"a"}));
  EXPECT_EQ(vocabulary.value(1), "a");
  EXPECT_THROW(vocabulary.value(0), Error);
  EXPECT_THROW(vocabulary.value(2), Error);
}

TEST(StringVocabulary, OfNothingKnowsNothing) {
  EXPECT_EQ(StringVocabulary().index("a"), 0U);
  EXPECT_EQ(StringVocabulary(Strings()).index(""), 0U);
}

TEST(StringVocabulary, IsWholeWhenCopiedAndMoved) {
  StringVocabulary first(strings({"one", "two"}));
  const StringVocabulary copy = first;
  const StringVocabulary moved = std::move(first);
  EXPECT_EQ(copy.index("two"), 2U);
  EXPECT_EQ(moved.index("two"), 2U);
}

TEST(IntegerVocabulary, EqualsAMapOnRandomNumbersAndTheEnds) {
  const Random random(5);
  std::vector<std::int64_t> column = {0, -1, INT64_MIN, INT64_MAX};
  for (std::size_t i = 0; i < 20'000; ++i) {
    column.push_back(static_cast<std::int64_t>(random.below(9000, 0, i)) * (i % 2 == 0 ? 1 : -4096));
  }
  const auto vocabulary = IntegerVocabulary::of(column, all_rows(column.size()));
  std::map<std::int64_t, std::uint32_t> reference;
  for (const auto value : column) reference[value] = 0;
  std::uint32_t next = 0;
  for (auto& [value, index] : reference) index = ++next;
  ASSERT_EQ(vocabulary.size(), reference.size());
  for (const auto& [value, index] : reference) {
    ASSERT_EQ(vocabulary.index(value), index);
    ASSERT_EQ(vocabulary.value(index), value);
  }
  EXPECT_EQ(vocabulary.index(9001), 0U);
  EXPECT_THROW(vocabulary.value(0), Error);
}

TEST(IntegerVocabulary, RefusesANumberGivenTwice) { EXPECT_THROW(IntegerVocabulary({3, 1, 3}), Error); }
}  // namespace
}  // namespace podium
