#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "podium/interop/proto/tensorflow.pb.h"
#include "podium/interop/savedmodel/node_list.h"

namespace podium::interop::savedmodel {
/// Describes one of TensorFlow's functions, step by step. Every method but `node` returns the reference by which the
/// next nodes read the value.
class FunctionBuilder {
 public:
  /// `stem` becomes __inference_STEM_NUMBER, the form that TensorFlow gives its own.
  FunctionBuilder(std::string_view stem, std::size_t number);

  std::string argument(std::string_view name, tf::DataType type, const TensorShape& shape);
  std::string constant(std::string_view name, tf::TensorProto value);
  Node node(std::string_view name, const char* operation, const std::vector<std::string>& inputs);
  /// The output of that name of a node; `number` counts within an output that is a list.
  static std::string output(const Node& node, const char* name, std::size_t number = 0);
  /// `node` runs though no result needs it, and before any result is there.
  void effect(const Node& node);
  /// The function's next result.
  void result(const std::string& value, tf::DataType type);

  tf::FunctionDef finish();

 private:
  NodeNames names_;
  tf::FunctionDef function_;
  std::vector<std::string> effects_;
  struct Result {
    std::string value;
    tf::DataType type;
  };
  std::vector<Result> results_;
};
}  // namespace podium::interop::savedmodel
