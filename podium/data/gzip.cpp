// Arrow's gzip behind ByteSource.
#include <arrow/buffer.h>
#include <arrow/io/compressed.h>
#include <arrow/io/interfaces.h>
#include <arrow/memory_pool.h>
#include <arrow/util/compression.h>

#include "podium/core/error.h"
#include "podium/data/byte_source.h"

namespace podium::data {
namespace {
/// A ByteSource as Arrow wants to read it.
class ArrowView : public arrow::io::InputStream {
 public:
  explicit ArrowView(std::unique_ptr<ByteSource> source) : source_(std::move(source)) {}
  arrow::Status Close() override {
    closed_ = true;
    return arrow::Status::OK();
  }
  bool closed() const override { return closed_; }
  arrow::Result<std::int64_t> Tell() const override { return position_; }
  arrow::Result<std::int64_t> Read(std::int64_t size, void* out) override {
    try {
      const auto read = source_->read({static_cast<std::byte*>(out), static_cast<std::size_t>(size)});
      position_ += static_cast<std::int64_t>(read);
      return static_cast<std::int64_t>(read);
    } catch (const Error& error) {  // no exception may cross Arrow
      return arrow::Status::IOError(error.what());
    }
  }
  arrow::Result<std::shared_ptr<arrow::Buffer>> Read(std::int64_t size) override {
    ARROW_ASSIGN_OR_RAISE(auto buffer, arrow::AllocateResizableBuffer(size, arrow::system_memory_pool()));
    ARROW_ASSIGN_OR_RAISE(const auto read, Read(size, buffer->mutable_data()));
    ARROW_RETURN_NOT_OK(buffer->Resize(read));
    return std::shared_ptr<arrow::Buffer>(std::move(buffer));
  }

 private:
  std::unique_ptr<ByteSource> source_;
  std::int64_t position_ = 0;
  bool closed_ = false;
};

class GzipSource : public ByteSource {
 public:
  GzipSource(std::unique_ptr<ByteSource> compressed, const std::string& path) : path_(path) {
    auto codec = arrow::util::Codec::Create(arrow::Compression::GZIP);
    if (!codec.ok()) throw failure(codec.status());
    codec_ = std::move(*codec);
    auto stream = arrow::io::CompressedInputStream::Make(
        codec_.get(), std::make_shared<ArrowView>(std::move(compressed)), arrow::system_memory_pool());
    if (!stream.ok()) throw failure(stream.status());
    stream_ = *stream;
  }
  std::size_t read(std::span<std::byte> into) override {
    const auto size = stream_->Read(static_cast<std::int64_t>(into.size()), into.data());
    if (!size.ok()) throw failure(size.status());
    return static_cast<std::size_t>(*size);
  }

 private:
  Error failure(const arrow::Status& status) const {
    return Error(path_ + ": damaged gzip data (" + status.message() + "); fetch or write the file again");
  }
  std::string path_;
  std::unique_ptr<arrow::util::Codec> codec_;
  std::shared_ptr<arrow::io::CompressedInputStream> stream_;
};
}  // namespace

std::unique_ptr<ByteSource> open_gzip(std::unique_ptr<ByteSource> compressed, const std::string& path) {
  return std::make_unique<GzipSource>(std::move(compressed), path);
}
}  // namespace podium::data
