#include "podium/core/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <utility>

#include "podium/core/files.h"

namespace podium {
MappedFile::MappedFile(const std::string& path) {
  // Without waiting: the open of a pipe would last until somebody writes into it. Regular files don't care.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) throw file_error(path, "can't be opened", errno);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) throw file_error(path, "can't be read", errno);
  if (S_ISDIR(status.st_mode)) throw file_error(path, "can't be read", EISDIR);
  if (!S_ISREG(status.st_mode)) throw Error(path + ": is no regular file; give one");
  size_ = static_cast<std::size_t>(status.st_size);
  if (size_ == 0) return;  // an empty mapping is not allowed
  void* memory = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file.get(), 0);
  if (memory == MAP_FAILED) {
    size_ = 0;
    throw file_error(path, "can't be mapped", errno);
  }
  data_ = static_cast<const std::byte*>(memory);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(const_cast<std::byte*>(data_), size_);
}

void release_mapped(std::span<const std::byte> bytes) {
  static const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  // A mapping has whole pages, so those at both ends are of this file too.
  const std::size_t before = reinterpret_cast<std::uintptr_t>(bytes.data()) % page;
  ::madvise(const_cast<std::byte*>(bytes.data()) - before, before + bytes.size(), MADV_DONTNEED);
}
}  // namespace podium
