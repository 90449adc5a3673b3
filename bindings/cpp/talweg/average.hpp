/**
 * @file average.hpp
 * Averages of a module's weights over the steps of a training.
 */
#ifndef TALWEG_AVERAGE_HPP
#define TALWEG_AVERAGE_HPP

#include "module.hpp"

namespace talweg {

/** Copies are further names of the same one. */
class Average {
  public:
    explicit Average(tw_average *handle) : handle_(detail::own<tw_average, tw_average_free>(handle)) {}
    tw_average *get() const noexcept { return handle_.get(); }
    /** Takes the module's weights into the averages. */
    void update() { check(tw_average_update(get())); }
    int64_t updates() const { return detail::read<tw_average>(tw_average_updates, get()); }
    /** Puts the averages in the module's place, until restore. */
    void apply() { check(tw_average_apply(get())); }
    void restore() { check(tw_average_restore(get())); }
    void copy_to(const Module &module) const { check(tw_average_copy_to(get(), module.get())); }
    Tensor tensor(const std::string &path) const { return Tensor(tw_average_tensor(nullptr, get(), path.c_str())); }
    void save(const std::string &path) const { check(tw_average_save(get(), path.c_str())); }
    void load(const std::string &path) { check(tw_average_load(get(), path.c_str())); }

  private:
    std::shared_ptr<tw_average> handle_;
};

/** Exponential averages. */
inline Average EMA(const Module &module, const tw_ema_options &options = TW_EMA_OPTIONS_INIT) {
    return detail::made<Average, tw_average>(tw_ema_new, module.get(), &options);
}
/** Equal averages (Izmailov et al., 2018). */
inline Average SWA(const Module &module, bool average_buffers = false) {
    return detail::made<Average, tw_average>(tw_swa_new, module.get(), average_buffers);
}

}  // namespace talweg

#endif
