/**
 * @file schedule.hpp
 * Learning rates that change from step to step, and the search for a good one.
 */
#ifndef TALWEG_SCHEDULE_HPP
#define TALWEG_SCHEDULE_HPP

#include "train.hpp"

namespace talweg {

/** Copies are further names of the same one. */
class Schedule {
  public:
    explicit Schedule(tw_schedule *handle) : handle_(detail::own<tw_schedule, tw_schedule_free>(handle)) {}
    tw_schedule *get() const noexcept { return handle_.get(); }
    /** Takes the optimizer's rates to start from, and sets those of step 0. */
    Schedule &attach(const Optimizer &optimizer) {
        check(tw_schedule_attach(get(), optimizer.get()));
        return *this;
    }
    void step() { check(tw_schedule_step(get())); }
    void step(double metric) { check(tw_schedule_step_metric(get(), metric)); }
    int64_t last_step() const { return detail::read<tw_schedule>(tw_schedule_last_step, get()); }
    double rate(int64_t step, double base = 1) const {
        double value = 0;
        check(tw_schedule_rate(get(), step, base, &value));
        return value;
    }
    void save(const std::string &path) const { check(tw_schedule_save(get(), path.c_str())); }
    void load(const std::string &path) { check(tw_schedule_load(get(), path.c_str())); }

  private:
    std::shared_ptr<tw_schedule> handle_;
};

inline Schedule constant_schedule(double factor, int64_t steps) {
    return detail::made<Schedule, tw_schedule>(tw_schedule_constant_new, factor, steps);
}
inline Schedule linear_schedule(double start, double end, int64_t steps) {
    return detail::made<Schedule, tw_schedule>(tw_schedule_linear_new, start, end, steps);
}
inline Schedule step_schedule(int64_t every, double gamma) {
    return detail::made<Schedule, tw_schedule>(tw_schedule_step_new, every, gamma);
}
inline Schedule multi_step_schedule(const std::vector<int64_t> &milestones, double gamma) {
    return detail::made<Schedule, tw_schedule>(tw_schedule_multi_step_new, detail::data(milestones),
                                               detail::size(milestones), gamma);
}
inline Schedule exponential_schedule(double gamma) {
    return detail::made<Schedule, tw_schedule>(tw_schedule_exponential_new, gamma);
}
inline Schedule cosine_schedule(int64_t steps, double minimum = 0) {
    return detail::made<Schedule, tw_schedule>(tw_schedule_cosine_new, steps, minimum);
}
inline Schedule cosine_restarts_schedule(int64_t first, int64_t multiplier = 1, double minimum = 0) {
    return detail::made<Schedule, tw_schedule>(tw_schedule_cosine_restarts_new, first, multiplier, minimum);
}
inline Schedule polynomial_schedule(int64_t steps, double power = 1) {
    return detail::made<Schedule, tw_schedule>(tw_schedule_polynomial_new, steps, power);
}
/** With options.steps set. */
inline Schedule one_cycle_schedule(const tw_one_cycle_options &options) {
    return detail::made<Schedule, tw_schedule>(tw_schedule_one_cycle_new, &options);
}
/** Base times what the function says of a step. What it throws, the step throws. */
inline Schedule callback_schedule(std::function<double(int64_t)> factor) {
    using Function = std::function<double(int64_t)>;
    auto held = std::make_unique<Function>(std::move(factor));
    return detail::made<Schedule, tw_schedule>(
        tw_schedule_callback_new,
        [](void *context, int64_t step, double *value) -> int {
            return detail::guarded([&] { *value = (*static_cast<Function *>(context))(step); });
        },
        static_cast<void *>(held.release()), [](void *context) { delete static_cast<Function *>(context); });
}
inline Schedule warmup_schedule(int64_t steps, double start, const Schedule &then) {
    return detail::made<Schedule, tw_schedule>(tw_schedule_warmup_new, steps, start, then.get());
}
inline Schedule sequential_schedule(const std::vector<Schedule> &schedules, const std::vector<int64_t> &milestones) {
    if (milestones.size() + 1 != schedules.size())
        throw Error(TW_ERROR_INVALID_ARGUMENT, "sequential_schedule: one milestone less than schedules is needed");
    std::vector<const tw_schedule *> handles;
    for (const Schedule &schedule : schedules) handles.push_back(schedule.get());
    return detail::made<Schedule, tw_schedule>(tw_schedule_sequential_new, detail::data(handles),
                                               detail::size(handles), detail::data(milestones));
}
inline Schedule plateau_schedule(const tw_plateau_options &options = TW_PLATEAU_OPTIONS_INIT) {
    return detail::made<Schedule, tw_schedule>(tw_schedule_plateau_new, &options);
}

/** What find_learning_rate saw; the suggestion is NaN if the loss never falls. */
struct RateSearch {
    std::vector<double> rates;
    std::vector<double> losses;
    double suggestion;
};

/** Module and optimizer are afterwards as they were. */
inline RateSearch find_learning_rate(const Module &module, const Optimizer &optimizer, const Tensor &inputs,
                                     const Tensor &targets,
                                     const tw_find_rate_options &options = TW_FIND_RATE_OPTIONS_INIT) {
    const size_t room = options.steps > 0 && options.steps <= 1 << 24 ? static_cast<size_t>(options.steps) : 0;
    RateSearch found{std::vector<double>(room), std::vector<double>(room), 0};
    int64_t count = 0;
    check(tw_find_learning_rate(module.get(), optimizer.get(), inputs.get(), targets.get(), &options,
                                room ? found.rates.data() : nullptr, room ? found.losses.data() : nullptr, &count,
                                &found.suggestion));
    found.rates.resize(static_cast<size_t>(count));
    found.losses.resize(static_cast<size_t>(count));
    return found;
}

}  // namespace talweg

#endif
