/**
 * @file base.hpp
 * Errors, the process's settings, and what the other headers are made with.
 */
#ifndef TALWEG_BASE_HPP
#define TALWEG_BASE_HPP

#include <talweg.h>

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace talweg {

/** What a failed call throws. */
class Error : public std::runtime_error {
  public:
    Error(tw_status status, const std::string &message)
        : std::runtime_error(message.empty() ? tw_status_name(status) : message), status_(status) {}
    tw_status status() const noexcept { return status_; }

  private:
    tw_status status_;
};

/** Sizes, axes, strides: whatever there is one of for each axis. */
using Shape = std::vector<int64_t>;

/** Writes numbers that it makes of others. */
using VectorFunction = std::function<void(const double *from, double *to)>;

namespace detail {

/** This thread's exception that a callback threw, on its way round the library. */
inline std::exception_ptr &kept() {
    thread_local std::exception_ptr exception;
    return exception;
}

/** Throws for this thread's last failed call: what a callback threw, if that ended it, else an Error. */
[[noreturn]] inline void fail(tw_status status) {
    // Forgotten in any case, so that no later call throws what belongs to this one.
    std::exception_ptr exception = std::exchange(kept(), nullptr);
    if (exception && status == TW_ERROR_CANCELLED) std::rethrow_exception(exception);
    throw Error(status, tw_last_message());
}

/** The body of a callback: 0, or 1 with what it threw kept for fail(). */
template <typename Body> int guarded(Body body) noexcept {
    try {
        body();
        return 0;
    } catch (...) {
        kept() = std::current_exception();
        return 1;
    }
}

/** A caller's wish to stop, as the context of a C callback whose answer stops. What it throws stops too. */
template <typename... Values> struct Stopping {
    const std::function<bool(Values...)> &stop;
    bool threw = false;

    int ask(Values... values) {
        bool stops = false;
        threw = guarded([&] { stops = stop(values...); }) != 0;
        return stops || threw;
    }
    /** After a call that succeeded: to the library what was thrown was a wish to stop. */
    void rethrow() const {
        if (threw) fail(TW_ERROR_CANCELLED);
    }
};

}  // namespace detail

/** Throws if a call of the C interface on this thread just failed. */
inline void check(tw_status status) {
    if (status != TW_OK) detail::fail(status);
}

namespace detail {

template <typename Handle, void (*release)(Handle *)> std::shared_ptr<Handle> own(Handle *handle) {
    if (handle == nullptr) fail(tw_last_status());
    return std::shared_ptr<Handle>(handle, release);
}

/** What a function writes through its last pointer. */
template <typename Handle, typename T> T read(tw_status (*function)(const Handle *, T *), const Handle *handle) {
    T value{};
    check(function(handle, &value));
    return value;
}

/** The text that a function of the form (char *, size_t, size_t *) writes. */
template <typename Write> std::string text(Write write) {
    size_t needed = 0;
    check(write(nullptr, 0, &needed));
    std::string result(needed, '\0');
    check(write(result.data(), result.size(), nullptr));
    result.resize(needed - 1);
    return result;
}

}  // namespace detail

inline std::string version() { return tw_version(); }
inline std::string build_info() { return tw_build_info(); }
inline void set_num_threads(int64_t count) { check(tw_set_num_threads(count)); }
inline int64_t num_threads() { return tw_num_threads(); }
inline void set_cache_limit(int64_t bytes) { check(tw_set_cache_limit(bytes)); }
inline tw_memory_statistics memory_stats() {
    tw_memory_statistics result = TW_MEMORY_STATISTICS_INIT;
    check(tw_memory_stats(&result));
    return result;
}
inline void seed(uint64_t seed) { tw_seed(seed); }
inline int64_t live_handles() { return tw_live_handles(); }

}  // namespace talweg

#endif
