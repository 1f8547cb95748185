#include "podium/interop/archive.h"

#include <zip.h>

#include <utility>

#include "podium/core/error.h"

namespace podium::interop {
namespace {
// Deflate makes at most 1,032 bytes of one. Source: https://www.zlib.net/zlib_tech.html
constexpr std::uint64_t kMostExpansion = 1032, kMostUncompressed = std::uint64_t{1} << 30;

struct CloseArchive {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
struct CloseFile {
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};
}  // namespace

struct Archive::Parts {
  std::unique_ptr<zip_t, CloseArchive> archive;
};

Archive::Archive(std::span<const std::byte> bytes, std::string what)
    : what_(std::move(what)), parts_(std::make_unique<Parts>()) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
  if (source != nullptr) parts_->archive.reset(zip_open_from_source(source, ZIP_RDONLY, &error));
  zip_error_fini(&error);
  if (parts_->archive == nullptr) {
    if (source != nullptr) zip_source_free(source);
    throw Error(what_ + ": is no ZIP archive; the file is cut or damaged, or of another format");
  }
}

Archive::~Archive() = default;

bool Archive::has(const std::string& name) const {
  return zip_name_locate(parts_->archive.get(), name.c_str(), 0) >= 0;
}

std::vector<std::string> Archive::names() const {
  std::vector<std::string> names;
  const zip_int64_t count = zip_get_num_entries(parts_->archive.get(), 0);
  for (zip_int64_t i = 0; i < count; ++i) {
    const char* name = zip_get_name(parts_->archive.get(), static_cast<zip_uint64_t>(i), 0);
    if (name == nullptr) throw Error(what_ + ": a part has no name; the file is damaged");
    names.emplace_back(name);
  }
  return names;
}

std::string Archive::read(const std::string& name) const {
  const std::string where = what_ + ": " + name;
  zip_stat_t status;
  zip_stat_init(&status);
  if (zip_stat(parts_->archive.get(), name.c_str(), 0, &status) != 0) throw Error(where + " is missing");
  constexpr zip_uint64_t kNeeded = ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD;
  const bool is_plain = status.comp_method == ZIP_CM_STORE;
  if ((status.valid & kNeeded) != kNeeded || (!is_plain && status.comp_method != ZIP_CM_DEFLATE)) {
    throw Error(where + " is compressed in a way that Podium does not read");
  }
  if (is_plain ? status.size != status.comp_size : status.size / kMostExpansion > status.comp_size) {
    throw Error(where + " claims more bytes than it can hold; the file is damaged");
  }
  if (!is_plain && status.size > kMostUncompressed) {
    throw Error(where + " is compressed and larger than 1 GiB; write it without compression");
  }
  const std::unique_ptr<zip_file_t, CloseFile> file(zip_fopen(parts_->archive.get(), name.c_str(), 0));
  if (file == nullptr) throw Error(where + " can't be opened; the file is damaged or encrypted");
  std::string bytes(status.size, '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    const auto read = zip_fread(file.get(), bytes.data() + done, bytes.size() - done);
    if (read <= 0) throw Error(where + " can't be read; the file is damaged");
    done += static_cast<std::size_t>(read);
  }
  char beyond = 0;  // the checksum is verified when the end is reached
  if (zip_fread(file.get(), &beyond, 1) != 0) throw Error(where + ": its checksum is wrong; the file is damaged");
  return bytes;
}
}  // namespace podium::interop
