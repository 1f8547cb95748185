#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "podium/interop/proto/tensorflow.pb.h"
#include "podium/interop/savedmodel/node_list.h"

namespace podium::interop::savedmodel {
/// Describes one of TensorFlow's functions, step by step, in the form that TensorFlow gives its own: other programs
/// rely on that form. Every method but `node` returns the reference by which the next nodes read the value.
class FunctionBuilder {
 public:
  /// `stem` becomes __inference_STEM_NUMBER, the form that TensorFlow gives its own.
  FunctionBuilder(std::string_view stem, std::size_t number);

  /// The argument is called `name` in small letters, digits and _, as TensorFlow calls it.
  std::string argument(std::string_view name, tf::DataType type, const TensorShape& shape);
  /// An argument that is a variable of float32 values.
  std::string variable(std::string_view name, const TensorShape& shape);
  std::string constant(std::string_view name, tf::TensorProto value);
  /// A node whose operation reads or changes state runs though no result needs it, and before any result is there.
  Node node(std::string_view name, const char* operation, const std::vector<std::string>& inputs,
            const std::vector<TensorShape>& shapes);
  /// The output of that name of a node; `number` counts within an output that is a list.
  static std::string output(const Node& node, const char* name, std::size_t number = 0);
  /// The function's next result.
  void result(const std::string& value, tf::DataType type, const TensorShape& shape);

  tf::FunctionDef finish();

 private:
  tf::OpDef::ArgDef& add_argument(std::string_view name, tf::DataType type, const TensorShape& shape);

  NodeNames names_;
  tf::FunctionDef function_;
  struct Result {
    std::string value;
    tf::DataType type;
    TensorShape shape;
  };
  std::vector<Result> results_;
};
}  // namespace podium::interop::savedmodel
