/**
 * @file events.hpp
 * Event files, which TensorBoard shows.
 */
#ifndef TALWEG_EVENTS_HPP
#define TALWEG_EVENTS_HPP

#include "tensor.hpp"

namespace talweg {

/** Writes scalars and histograms to an event file of its own in a folder. */
class EventWriter {
  public:
    explicit EventWriter(const std::string &folder) {
        tw_event_writer *made = nullptr;
        check(tw_event_writer_new(folder.c_str(), &made));
        handle_ = detail::own<tw_event_writer, tw_event_writer_free>(made);
    }
    tw_event_writer *get() const noexcept { return handle_.get(); }
    void add_scalar(const std::string &tag, double value, int64_t step) const {
        check(tw_event_writer_add_scalar(get(), tag.c_str(), value, step));
    }
    void add_histogram(const std::string &tag, const Tensor &values, int64_t step, int64_t bins = 64) const {
        check(tw_event_writer_add_histogram(get(), tag.c_str(), values.get(), step, bins));
    }
    /** Hands all that was added to the system, so that TensorBoard sees it. */
    void flush() const { check(tw_event_writer_flush(get())); }
    /** Ends the file. */
    void close() const { check(tw_event_writer_close(get())); }
    std::string path() const {
        return detail::text([&](char *text, std::size_t capacity, std::size_t *needed) {
            return tw_event_writer_path(get(), text, capacity, needed);
        });
    }

  private:
    std::shared_ptr<tw_event_writer> handle_;
};

}  // namespace talweg

#endif
