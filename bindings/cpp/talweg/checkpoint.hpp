/**
 * @file checkpoint.hpp
 * Checkpoints of training loops that callers write themselves.
 */
#ifndef TALWEG_CHECKPOINT_HPP
#define TALWEG_CHECKPOINT_HPP

#include "train.hpp"

namespace talweg {

/** Writes the state of a training to one file, which is replaced as a whole or not at all. */
inline void save_checkpoint(const std::string &path, const Module &module,
                            tw_checkpoint_options options = TW_CHECKPOINT_OPTIONS_INIT,
                            const std::vector<double> &numbers = {}) {
    check(tw_checkpoint_save(path.c_str(), module.get(), &options, numbers.data(),
                             static_cast<int64_t>(numbers.size())));
}

/** Puts back, in place, what save_checkpoint wrote, or nothing; gives the loop's numbers.
    @param capacity  how many of them there are at most */
inline std::vector<double> load_checkpoint(const std::string &path, const Module &module,
                                           tw_checkpoint_options options = TW_CHECKPOINT_OPTIONS_INIT,
                                           std::size_t capacity = 256) {
    std::vector<double> numbers(capacity);
    int64_t count = 0;
    check(tw_checkpoint_load(path.c_str(), module.get(), &options, numbers.data(), static_cast<int64_t>(capacity),
                             &count));
    numbers.resize(static_cast<std::size_t>(count) < capacity ? static_cast<std::size_t>(count) : capacity);
    return numbers;
}

/** The newest checkpoint that can be read in a folder of fit's; "" if there is none. */
inline std::string newest_checkpoint(const std::string &folder) {
    return detail::text([&](char *text, std::size_t capacity, std::size_t *needed) {
        return tw_checkpoint_newest(folder.c_str(), text, capacity, needed);
    });
}

}  // namespace talweg

#endif
