#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "podium/interop/proto/tensorflow.pb.h"
#include "podium/interop/savedmodel/bundle_reader.h"
#include "podium/interop/savedmodel/graph_view.h"

namespace podium::interop {
/// What a lookup table maps.
struct TableContents {
  bool integers = false;
  std::vector<std::string> words;
  std::vector<std::int64_t> numbers;  // one of the two has the keys
  std::vector<std::int64_t> ids;      // [keys]
};

/// The data behind a SavedModel's graph: constants, variables by what the restore function assigns to them, lookup
/// tables by what the init operation and the restore function import into them.
class SavedState {
 public:
  /// Whether the model has a checkpoint: else it is frozen, and its weights are constants.
  bool has_variables() const { return variables_ != nullptr; }
  /// Gives the contents of assets/NAME.
  using Asset = std::function<std::string(const std::string& name)>;

  /// `variables` may be null: a frozen model. Everything given outlives this.
  SavedState(const tf::MetaGraphDef& meta, const GraphView& graph, const Bundle* variables, Asset asset);

  /// Whether the value is data: a constant, or a variable by its value or its handle.
  bool is_known(const GraphValue& value) const;
  // Each throws Error naming the node if it is no such data.
  Array floats(const GraphValue& value) const;
  std::vector<std::int64_t> integers(const GraphValue& value) const;
  std::vector<std::string> strings(const GraphValue& value) const;
  /// Throws Error if the table is never filled, or in a way that Podium doesn't read.
  TableContents table(const GraphValue& handle) const;

 private:
  void collect(const GraphValue& start);
  /// The checkpoint's name of what a RestoreV2 gives there.
  std::string restored_name(const GraphValue& value) const;
  /// The same of a variable too.
  std::string stored_name(const GraphValue& value) const;
  const Bundle& bundle(const tf::NodeDef& node) const;
  TableContents from_text_file(const GraphValue& initializer, const tf::NodeDef& handle) const;
  std::string asset_name(GraphValue value) const;

  const tf::MetaGraphDef& meta_;
  const GraphView& graph_;
  const Bundle* variables_;
  Asset asset_;
  std::map<const tf::NodeDef*, GraphValue> assigned_;  // a variable's handle to what restoring gives it
  std::map<const tf::NodeDef*, GraphValue> filled_;    // a table's handle to the node that fills it
};
}  // namespace podium::interop
