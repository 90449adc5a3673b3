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

    /** How many updates were noted, and one metric of one of them. */
    int64_t steps() const { return detail::read<tw_history>(tw_history_steps, get()); }
    double step_value(tw_metric metric, int64_t index) const {
        double v = 0;
        check(tw_history_step_value(get(), metric, index, &v));
        return v;
    }
    /** The names of the caller's metrics. */
    std::vector<std::string> metric_names() const {
        std::vector<std::string> names;
        for (int64_t i = 0, n = detail::read<tw_history>(tw_history_metric_count, get()); i < n; ++i)
            names.push_back(detail::text([&](char *text, std::size_t capacity, std::size_t *needed) {
                return tw_history_metric_name(get(), i, text, capacity, needed);
            }));
        return names;
    }
    /** A metric of the caller's, by its number, of one epoch or of its validation. */
    double metric(int64_t index, int64_t epoch, bool validation = false) const {
        double v = 0;
        check(tw_history_metric(get(), index, validation, epoch, &v));
        return v;
    }
    int64_t failed_checkpoints() const { return detail::read<tw_history>(tw_history_failed_checkpoints, get()); }
    /** To a .csv file a line an epoch, to a .json file everything. */
    void save(const std::string &path) const { check(tw_history_save(get(), path.c_str())); }
    /** A line an update that was noted. */
    void save_steps(const std::string &path) const { check(tw_history_save_steps(get(), path.c_str())); }

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

/** What a fit calls beside the library: each may be empty. */
struct FitFunctions {
    /** At the events that options.watched has; true stops the fit at the end of the batch. */
    std::function<bool(const tw_fit_event &)> on_event;
    /** A loss instead of options.loss: of an output and a target, one element. */
    std::function<Tensor(const Tensor &, const Tensor &)> loss;
};

/** A fit with functions of the caller's. One that they stop ends there, with TW_FIT_STOP_CANCELLED; what they throw,
    this throws. The options' callbacks, context and destroy are not used. */
inline History fit(const Module &module, const Optimizer &optimizer, const Tensor &inputs, const Tensor &targets,
                   tw_fit_options options, const FitFunctions &functions) {
    struct Context {
        const FitFunctions &functions;
        bool stopped;
    } context{functions, false};
    options.callback = nullptr;
    options.on_event = nullptr;
    options.loss_callback = nullptr;
    if (functions.on_event)
        options.on_event = [](void *c, const tw_fit_event *event) -> int {
            Context &mine = *static_cast<Context *>(c);
            bool stop = false;
            const int threw = detail::guarded([&] { stop = mine.functions.on_event(*event); });
            mine.stopped = mine.stopped || stop;
            return threw != 0 || stop;
        };
    if (functions.loss)
        options.loss_callback = [](void *c, tw_scope *scope, tw_tensor *output, tw_tensor *target,
                                   tw_tensor **loss) -> int {
            Context &mine = *static_cast<Context *>(c);
            return detail::guarded([&] {
                *loss = detail::given(scope,
                                      mine.functions.loss(Tensor(tw_keep(output)), Tensor(tw_keep(target))));
            });
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
