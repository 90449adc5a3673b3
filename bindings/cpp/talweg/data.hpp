/**
 * @file data.hpp
 * Data sets and loaders.
 */
#ifndef TALWEG_DATA_HPP
#define TALWEG_DATA_HPP

#include "tensor.hpp"

namespace talweg {

struct Batch {
    Tensor x, y; /* y is empty if the loader has no targets */
};

/** Goes over inputs, and targets if there are some, in batches. Keeps both alive. */
class Loader {
  public:
    explicit Loader(const Tensor &inputs, const Tensor &targets = {},
                    const tw_loader_options &options = TW_LOADER_OPTIONS_INIT) {
        tw_loader *handle = nullptr;
        check(tw_loader_new(inputs.get(), targets.get(), &options, &handle));
        handle_ = detail::own<tw_loader, tw_loader_free>(handle);
    }
    tw_loader *get() const noexcept { return handle_.get(); }
    int64_t batches() const { return detail::read<tw_loader>(tw_loader_batches, get()); }
    /** The next batch; false at the end of an epoch. */
    bool next(Batch &batch) {
        tw_tensor *x = nullptr, *y = nullptr;
        bool more = false;
        check(tw_loader_next(nullptr, get(), &x, &y, &more));
        batch.x = x ? Tensor(x) : Tensor();
        batch.y = y ? Tensor(y) : Tensor();
        return more;
    }
    void set_epoch(int64_t epoch) { check(tw_loader_set_epoch(get(), epoch)); }

  private:
    std::shared_ptr<tw_loader> handle_;
};

}  // namespace talweg

#endif
