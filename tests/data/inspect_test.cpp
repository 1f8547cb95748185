#include "podium/data/inspect.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "podium/data/init.h"
#include "podium/data/synthetic.h"
#include "podium/data/write_csv.h"
#include "tests/data/support.h"

namespace podium::tests {
namespace {
bool warns(const DataReport& report, std::string_view of) {
  return std::ranges::any_of(report.warnings,
                             [&](const auto& warning) { return warning.find(of) != std::string::npos; });
}

TEST(Inspect, CountsByHand) {
  const auto table =
      csv("user_id,movie_title,user_rating,timestamp\n"
          "a,X,4,900000001\na,Y,5,900000002\na,X,3,900000003\nb,X,4,900000004\nc,Z,4,900000005\na,Y,5,900000002\n");
  const auto report = inspect_table(table);
  EXPECT_EQ(report.rows, 6U);
  EXPECT_EQ(report.roles.user, "user_id");
  EXPECT_EQ(report.roles.item, "movie_title");
  EXPECT_EQ(report.roles.label, "user_rating");
  EXPECT_EQ(report.roles.time, "timestamp");
  EXPECT_EQ(report.duplicate_rows, 1U);   // a,Y,5
  EXPECT_EQ(report.duplicate_pairs, 2U);  // and a,X again
  EXPECT_EQ(report.users.count, 3U);
  EXPECT_EQ(report.users.quantiles,
            (std::array<std::uint64_t, 5>{1, 1, 1, 1, 4}));  // 1, 1, 4 rows at 0, 0.5, 1, 1.5, 2 cut
  EXPECT_DOUBLE_EQ(report.users.mean, 2.0);
  ASSERT_EQ(report.labels.size(), 3U);
  EXPECT_EQ(report.labels[1].low, 4.0);
  EXPECT_EQ(report.labels[1].rows, 3U);
  EXPECT_DOUBLE_EQ(report.label_mean, 25.0 / 6.0);
  EXPECT_EQ(report.columns[0].distinct, 3U);
  EXPECT_EQ(report.columns[0].examples, (Texts{"a", "b", "c"}));
  EXPECT_EQ(report.columns[2].smallest, 3.0);
  EXPECT_EQ(report.columns[2].largest, 5.0);
}

TEST(Inspect, FindsNothingWrongWithSyntheticRatings) {
  const auto report = inspect_table(synthetic_ratings({.users = 100, .items = 50, .rows = 2000}));
  EXPECT_TRUE(report.warnings.empty()) << report.warnings.front();
  EXPECT_EQ(report.roles.item, "item_id");
  EXPECT_NE(to_text(report).find("nothing looks wrong"), std::string::npos);
}

TEST(Inspect, GuessesRolesByNamesThenByValues) {
  const auto roles = [](std::string_view text) { return inspect_table(csv(text)).roles; };
  const auto amazon = roles("customer_id,asin,stars\n1,B1,5\n2,B2,4\n");
  EXPECT_EQ(amazon.user + amazon.item + amazon.label + amazon.time, "customer_idasinstars");
  const auto nameless = roles("a,b,c,d\n1,x,5,978300760\n1,y,4,978302109\n2,x,5,978301968\n2,y,1,978300275\n");
  EXPECT_EQ(nameless.time, "d");
  EXPECT_EQ(nameless.user + nameless.item + nameless.label, "abc");
}

TEST(Inspect, TakesStatedRolesAndRefusesUnknownOnes) {
  const auto table = csv("user_id,movie_id,movie_title,rating\n1,1,A,3\n2,2,B,4\n");
  EXPECT_EQ(inspect_table(table).roles.item, "movie_id");
  EXPECT_EQ(inspect_table(table, {.user = "", .item = "movie_title", .label = "", .time = ""}).roles.item,
            "movie_title");
  EXPECT_NE(error_of([&] {
              inspect_table(table, {.user = "user_ids", .item = "", .label = "", .time = ""});
            }).find("did you mean \"user_id\"?"),
            std::string::npos);
}

TEST(Inspect, WarnsOfWhatLooksWrong) {
  std::string text = "user_id,item_id,rating,flag\n";
  for (int i = 0; i < 100; ++i)
    text += (i == 7 ? " u" : "u") + std::to_string(i % 5) + ",i" + std::to_string(i % 20) + "," +
            (i == 50 ? "500" : std::to_string(1 + i % 5)) + ",1\n";
  const auto report = inspect_table(csv(text));
  EXPECT_TRUE(warns(report, "begin or end with a space"));
  EXPECT_TRUE(warns(report, "\"flag\": is the same in every row"));
  EXPECT_TRUE(warns(report, "standard deviations"));
  EXPECT_TRUE(warns(report, "user and item of an earlier row"));
  const auto holes = inspect_table(csv("user_id,item_id,rating\n1,2,3\n,2,4\n3,2,x\n", {}, {.missing = Missing::keep}));
  EXPECT_TRUE(warns(holes, "1 of 3 values are missing"));
  EXPECT_TRUE(warns(holes, "no column looks like a label"));
  std::string typo = "user_id,item_id,rating\n";
  for (int i = 0; i < 30; ++i) typo += "1,2," + std::string(i == 20 ? "4,5\"\n" : "4\n").insert(0, i == 20 ? "\"" : "");
  EXPECT_TRUE(warns(inspect_table(csv(typo)), "nearly all values are numbers, but not \"4,5\" in row 21"));
}

TEST(Inspect, ReadsFilesWithGapsAndAlignsItsText) {
  const TemporaryDirectory folder;
  const auto table = synthetic_ratings({.users = 20, .items = 30, .rows = 400});
  write_csv(table, folder / "r.csv");
  const auto report = inspect_data(folder / "r.csv");
  const auto text = to_text(report);
  EXPECT_NE(text.find("r.csv: 400 rows, "), std::string::npos);
  EXPECT_NE(text.find("user_rating  number"), std::string::npos) << text;
  EXPECT_NE(text.find("########"), std::string::npos);
}

using Json = nlohmann::json;

TEST(Inspect, SaysTheSameInJson) {
  const auto table =
      csv("user_id,movie_title,user_rating,timestamp\n"
          "7,Amélie,4,900000001\n7,Up,5,900000002\n9,Up,3,900000003\n7,Up,5,900000002\n");
  const Json json = Json::parse(to_json(inspect_table(table)));
  EXPECT_EQ(json["kind"], "data");
  EXPECT_FALSE(json.contains("sound"));
  EXPECT_EQ(json["files"], Json::array());
  EXPECT_EQ(json["rows"], 4);
  EXPECT_EQ(json["roles"], Json::parse(R"({"user":"user_id","item":"movie_title","label":"user_rating",
                                           "time":"timestamp"})"));
  EXPECT_EQ(json["duplicate_rows"], 1);
  EXPECT_EQ(json["duplicate_pairs"], 1);
  ASSERT_EQ(json["columns"].size(), 4U);
  EXPECT_EQ(json["columns"][1]["examples"], Json::parse(R"(["Amélie","Up"])"));
  EXPECT_FALSE(json["columns"][1].contains("smallest"));
  EXPECT_EQ(json["columns"][2]["examples"], Json::parse("[4,5,3]"));
  EXPECT_EQ(json["columns"][2]["smallest"], 3);
  EXPECT_EQ(json["columns"][2]["largest"], 5);
  EXPECT_EQ(json["columns"][3]["type"], "integer");
  EXPECT_TRUE(json["columns"][3]["smallest"].is_number_integer());
  EXPECT_EQ(json["columns"][2]["role"], "label");
  EXPECT_EQ(json["columns"][2]["distinct"], 3);
  EXPECT_EQ(json["columns"][2]["missing"], 0);
  EXPECT_EQ(json["labels"][2], Json::parse(R"({"low":5.0,"high":5.0,"rows":2})"));
  EXPECT_EQ(json["label_mean"], 4.25);
  EXPECT_EQ(json["users"], Json::parse(R"({"count":2,"quantiles":[1,1,1,1,3],"mean":2.0})"));
  EXPECT_TRUE(json["warnings"].is_array());
}

TEST(Inspect, JsonHasFilesAndLacksRolesThatNobodyPlays) {
  const TemporaryDirectory folder;
  write_text(folder / "x.csv", "flag,word\nyes,a\nno,a\n");
  const Json json = Json::parse(to_json(inspect_data(folder / "x.csv")));
  EXPECT_EQ(json["files"], Json::array({{{"path", folder / "x.csv"}, {"bytes", 21}, {"rows", 2}}}));
  for (const char* absent : {"labels", "label_mean", "duplicate_pairs"}) EXPECT_FALSE(json.contains(absent)) << json;
  EXPECT_FALSE(json["roles"].contains("label"));
  EXPECT_GE(json["warnings"].size(), 1U);
}

TEST(Recipe, NamesTheColumnsAndSaysWhy) {
  const auto report = inspect_table(synthetic_ratings({.users = 20, .items = 30, .rows = 400}));
  const auto recipe = recipe_for("data/my ratings.csv", report);
  for (const auto* part :
       {"path = \"data/my ratings.csv\"", "user = \"user_id\"", "guessed by its name", "item = \"item_id\"",
        "[features.user_id]", "label = \"user_rating\"", "time = \"timestamp\"", "mean_squared_error"}) {
    EXPECT_NE(recipe.find(part), std::string::npos) << part << "\n" << recipe;
  }
}

TEST(Recipe, EscapesNamesAndChoosesALossForClicks) {
  const auto report = inspect_table(csv("\"the \"\"user\"\"\",item,click\na,x,1\na,y,0\nb,x,1\n"));
  const auto recipe = recipe_for("a\"b\\c.csv", report);
  EXPECT_NE(recipe.find("path = \"a\\\"b\\\\c.csv\""), std::string::npos) << recipe;
  EXPECT_NE(recipe.find("[features.\"the \\\"user\\\"\"]"), std::string::npos) << recipe;
  EXPECT_NE(recipe.find("binary_crossentropy"), std::string::npos) << recipe;
}
}  // namespace
}  // namespace podium::tests
