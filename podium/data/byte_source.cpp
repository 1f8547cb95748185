#include "podium/data/byte_source.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "podium/core/files.h"

namespace podium::data {
std::size_t MemorySource::read(std::span<std::byte> into) {
  const std::size_t size = std::min(into.size(), bytes_.size());
  if (size != 0) std::memcpy(into.data(), bytes_.data(), size);
  bytes_ = bytes_.subspan(size);
  return size;
}

namespace {
class FileSource : public ByteSource {
 public:
  FileSource(const std::string& path, Checksum* checksum)
      : path_(path), file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)), checksum_(checksum) {
    if (!file_) throw file_error(path, "can't be opened", errno);
  }
  std::size_t read(std::span<std::byte> into) override {
    ssize_t size = 0;
    do {
      size = ::read(file_.get(), into.data(), into.size());
    } while (size < 0 && errno == EINTR);
    if (size < 0) throw file_error(path_, "can't be read", errno);
    const auto filled = into.first(static_cast<std::size_t>(size));
    if (checksum_ != nullptr) checksum_->update(filled);
    return filled.size();
  }

 private:
  std::string path_;
  Descriptor file_;
  Checksum* checksum_;
};
}  // namespace

std::unique_ptr<ByteSource> open_file(const std::string& path, Checksum* checksum) {
  return std::make_unique<FileSource>(path, checksum);
}
}  // namespace podium::data
