/**
 * @file io.hpp
 * Files: safetensors and CSV.
 */
#ifndef TALWEG_IO_HPP
#define TALWEG_IO_HPP

#include "tensor.hpp"

namespace talweg {

/** An opened safetensors file. */
class Safetensors {
  public:
    explicit Safetensors(const std::string &path) {
        tw_safetensors *handle = nullptr;
        check(tw_safetensors_open(path.c_str(), &handle));
        handle_ = detail::own<tw_safetensors, tw_safetensors_free>(handle);
    }
    tw_safetensors *get() const noexcept { return handle_.get(); }
    std::vector<std::string> names() const {
        const int64_t count = detail::read<tw_safetensors>(tw_safetensors_count, get());
        std::vector<std::string> result;
        for (int64_t i = 0; i < count; ++i)
            result.push_back(
                detail::text([&](char *t, size_t c, size_t *n) { return tw_safetensors_name(get(), i, t, c, n); }));
        return result;
    }
    Tensor operator[](const std::string &name) const {
        return detail::make(tw_safetensors_tensor, get(), name.c_str());
    }

  private:
    std::shared_ptr<tw_safetensors> handle_;
};

inline void save_safetensors(const std::string &path, const std::vector<std::pair<std::string, Tensor>> &tensors) {
    std::vector<const char *> names;
    std::vector<const tw_tensor *> handles;
    for (const auto &entry : tensors) {
        names.push_back(entry.first.c_str());
        handles.push_back(entry.second.get());
    }
    check(tw_safetensors_save(path.c_str(), detail::data(names), detail::data(handles), detail::size(names)));
}

inline Tensor read_csv(const std::string &path, const tw_csv_options &options = TW_CSV_OPTIONS_INIT) {
    return detail::make(tw_csv_read, path.c_str(), &options);
}
inline void write_csv(const std::string &path, const Tensor &tensor,
                      const tw_csv_options &options = TW_CSV_OPTIONS_INIT) {
    check(tw_csv_write(path.c_str(), tensor.get(), &options));
}

}  // namespace talweg

#endif
