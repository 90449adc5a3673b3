/**
 * @file train.hpp
 * The fit loop.
 */
#ifndef TALWEG_TRAIN_HPP
#define TALWEG_TRAIN_HPP

#include "data.hpp"
#include "loss.hpp"
#include "optimizer.hpp"

namespace talweg {

/** What a fit went through, epoch by epoch. */
class History {
  public:
    explicit History(tw_history *handle) : handle_(detail::own<tw_history, tw_history_free>(handle)) {}
    tw_history *get() const noexcept { return handle_.get(); }
    int64_t epochs() const { return detail::read<tw_history>(tw_history_epochs, get()); }
    double value(tw_metric metric, int64_t epoch) const {
        double v = 0;
        check(tw_history_value(get(), metric, epoch, &v));
        return v;
    }
    std::vector<double> values(tw_metric metric) const {
        std::vector<double> result;
        for (int64_t i = 0, n = epochs(); i < n; ++i) result.push_back(value(metric, i));
        return result;
    }
    int64_t best_epoch() const { return detail::read<tw_history>(tw_history_best_epoch, get()); }
    tw_fit_stop stop() const { return detail::read<tw_history>(tw_history_stop, get()); }

  private:
    std::shared_ptr<tw_history> handle_;
};

/** A fit that its options' callback cancels throws Error with TW_ERROR_CANCELLED. */
inline History fit(const Module &module, const Optimizer &optimizer, const Tensor &inputs, const Tensor &targets,
                   const tw_fit_options &options = TW_FIT_OPTIONS_INIT) {
    tw_history *handle = nullptr;
    const tw_status status = tw_fit(module.get(), optimizer.get(), inputs.get(), targets.get(), &options, &handle);
    const std::unique_ptr<tw_history, void (*)(tw_history *)> cancelled(status == TW_OK ? nullptr : handle,
                                                                        tw_history_free);
    check(status);
    return History(handle);
}

/** A fit that asks after each epoch whether to stop: the history then ends there, with
    TW_FIT_STOP_CANCELLED. What `stop` throws, this throws. The options' callback, context and destroy
    are not used. */
inline History fit(const Module &module, const Optimizer &optimizer, const Tensor &inputs, const Tensor &targets,
                   tw_fit_options options, const std::function<bool(const tw_epoch_progress &)> &stop) {
    struct Context {
        const std::function<bool(const tw_epoch_progress &)> &stop;
        bool stopped;
    } context{stop, false};
    options.callback = [](void *c, const tw_epoch_progress *progress) -> int {
        Context &mine = *static_cast<Context *>(c);
        return detail::guarded([&] { mine.stopped = mine.stop(*progress); }) != 0 || mine.stopped;
    };
    options.context = &context;
    options.destroy = nullptr;
    tw_history *handle = nullptr;
    const tw_status status = tw_fit(module.get(), optimizer.get(), inputs.get(), targets.get(), &options, &handle);
    if (status == TW_OK || (status == TW_ERROR_CANCELLED && context.stopped)) return History(handle);
    tw_history_free(handle);
    detail::fail(status);
}

}  // namespace talweg

#endif
