#pragma once
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace podium::interop {
/// A ZIP archive in memory, as .keras and .npz files are. Its parts' checksums are verified as they are read.
class Archive {
 public:
  /// Looks into bytes that somebody else owns; `what` begins the messages. Throws Error if it is no archive.
  Archive(std::span<const std::byte> bytes, std::string what);
  ~Archive();
  Archive(const Archive&) = delete;
  Archive& operator=(const Archive&) = delete;

  bool has(const std::string& name) const;
  /// In the archive's order.
  std::vector<std::string> names() const;
  /// A whole part. Throws Error if it is missing, damaged, encrypted, or claims more bytes than its compression can
  /// hold.
  std::string read(const std::string& name) const;

 private:
  struct Parts;
  std::string what_;
  std::unique_ptr<Parts> parts_;
};
}  // namespace podium::interop
