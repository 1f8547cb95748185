#include "podium/core/table.h"

#include <gtest/gtest.h>

#include "podium/core/error.h"
#include "tests/support/message_of.h"

namespace podium {
namespace {
using tests::message_of;

Column integers(const std::string& name, std::vector<std::int64_t> values) { return {name, std::move(values), {}}; }

TEST(Table, FindsItsColumns) {
  const Table table({integers("user_id", {1, 2}), Column{"price", std::vector<double>{0.5, 1.5}, {}}});
  EXPECT_EQ(table.rows(), 2U);
  EXPECT_TRUE(table.has("price"));
  EXPECT_FALSE(table.has("Price"));
  EXPECT_EQ(std::get<std::vector<double>>(table.column("price").values)[1], 1.5);
  EXPECT_EQ(Table().rows(), 0U);
}

TEST(Table, RefusesColumnsOfOneNameOrOtherLength) {
  EXPECT_EQ(message_of([] { Table({integers("a", {1}), integers("a", {2})}); }), "column \"a\" appears twice");
  EXPECT_EQ(message_of([] {
              Table({integers("a", {1}), integers("b", {2, 3})});
            }),
            "column \"b\" has 2 rows and \"a\" has 1");
}

TEST(Table, NamesTheNearestColumnToOneThatIsNotThere) {
  const Table table({integers("user_id", {1}), integers("movie_title", {1})});
  const auto near = message_of([&] { (void)table.column("movie_titel"); });
  EXPECT_NE(near.find("no column \"movie_titel\"; did you mean \"movie_title\"?"), std::string::npos) << near;
  const auto far = message_of([&] { (void)table.column("price"); });
  EXPECT_EQ(far.find("did you mean"), std::string::npos) << far;
  EXPECT_NE(far.find("user_id movie_title"), std::string::npos) << far;
}

TEST(TableView, IsAllRowsOrThoseGiven) {
  const Table table({integers("a", {7, 8, 9})});
  EXPECT_EQ(TableView(table).row_numbers(), (std::vector<std::uint32_t>{0, 1, 2}));
  const TableView some(table, {2, 2, 0});
  EXPECT_EQ(some.rows(), 3U);
  EXPECT_EQ(&some.table(), &table);
}

TEST(NearestName, IsTheOneOfFewestEdits) {
  const std::vector<std::string_view> names = {"epochs", "batch_size", "seed"};
  EXPECT_EQ(nearest_name("epochs", names), "epochs");
  EXPECT_EQ(nearest_name("epoch", names), "epochs");  // one left out
  EXPECT_EQ(nearest_name("batchsize", names), "batch_size");
  EXPECT_EQ(nearest_name("sede", names), "seed");       // two swapped: two edits
  EXPECT_EQ(nearest_name("learning_rate", names), "");  // no misspelling of any
  EXPECT_EQ(nearest_name("", names), "");
  EXPECT_EQ(nearest_name("epochs", {}), "");
}
}  // namespace
}  // namespace podium
