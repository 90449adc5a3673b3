/**
 * @file stream.hpp
 * Linear least squares of rows that come in blocks and need not fit in memory.
 */
#ifndef TALWEG_STREAM_HPP
#define TALWEG_STREAM_HPP

#include "callback.hpp"
#include "lstsq.hpp"

namespace talweg {

/** Rows of a stream: y [m] or [m, k]; weights [m], or none. */
struct Block {
    Tensor X, y, weights;
};

/** A fit of the rows that came so far. Copies are further names of the same one. */
class LstsqStream {
  public:
    explicit LstsqStream(int64_t features, int64_t targets = 0,
                         const tw_lstsq_stream_options &options = TW_LSTSQ_STREAM_OPTIONS_INIT) {
        tw_lstsq_stream *handle = nullptr;
        check(tw_lstsq_stream_new(features, targets, &options, &handle));
        handle_ = detail::own<tw_lstsq_stream, tw_lstsq_stream_free>(handle);
    }
    tw_lstsq_stream *get() const noexcept { return handle_.get(); }

    void push(const Tensor &X, const Tensor &y, const Tensor &weights = {}) {
        detail::call(tw_lstsq_stream_push, get(), X, y, weights);
    }
    void drop(const Tensor &X, const Tensor &y, const Tensor &weights = {}) {
        detail::call(tw_lstsq_stream_drop, get(), X, y, weights);
    }
    void merge(const LstsqStream &other) { check(tw_lstsq_stream_merge(get(), other.get())); }
    LstsqResult solve() const {
        const tw_lstsq_stream *stream = get();
        return detail::made<LstsqResult, tw_lstsq_result>(tw_lstsq_stream_solve, stream);
    }
    int64_t rows() const { return detail::read<tw_lstsq_stream>(tw_lstsq_stream_rows, get()); }

    /** Takes in the blocks that `next` fills, until it is false. What it throws, this throws, and the
        stream is as it was. */
    void push_from(const std::function<bool(Block &)> &next) {
        const auto source = [](void *context, tw_scope *scope, const tw_tensor **X, const tw_tensor **y,
                               const tw_tensor **weights) {
            return detail::guarded([&] {
                Block block;
                if (!(*static_cast<const std::function<bool(Block &)> *>(context))(block)) return;
                *X = detail::given(scope, block.X);
                if (block.y) *y = detail::given(scope, block.y);
                if (block.weights) *weights = detail::given(scope, block.weights);
            });
        };
        check(tw_lstsq_stream_push_from(get(), source, const_cast<std::function<bool(Block &)> *>(&next)));
    }
    void push_csv(const std::string &path, const tw_stream_file_options &options = TW_STREAM_FILE_OPTIONS_INIT) {
        check(tw_lstsq_stream_push_csv(get(), path.c_str(), &options));
    }
    void push_npy(const std::string &path, const tw_stream_file_options &options = TW_STREAM_FILE_OPTIONS_INIT) {
        check(tw_lstsq_stream_push_npy(get(), path.c_str(), &options));
    }

    /** The stream's state. */
    std::vector<unsigned char> save() const {
        size_t needed = 0;
        check(tw_lstsq_stream_save(get(), nullptr, 0, &needed));
        std::vector<unsigned char> bytes(needed);
        check(tw_lstsq_stream_save(get(), bytes.data(), bytes.size(), nullptr));
        return bytes;
    }
    static LstsqStream load(const std::vector<unsigned char> &bytes) {
        tw_lstsq_stream *handle = nullptr;
        check(tw_lstsq_stream_load(bytes.data(), bytes.size(), &handle));
        LstsqStream stream;
        stream.handle_ = detail::own<tw_lstsq_stream, tw_lstsq_stream_free>(handle);
        return stream;
    }

  private:
    LstsqStream() = default;

    std::shared_ptr<tw_lstsq_stream> handle_;
};

}  // namespace talweg

#endif
