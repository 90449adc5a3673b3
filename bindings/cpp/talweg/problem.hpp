/**
 * @file problem.hpp
 * Nonlinear least squares of many small residual blocks: bundle adjustment, pose graphs.
 */
#ifndef TALWEG_PROBLEM_HPP
#define TALWEG_PROBLEM_HPP

#include "tensor.hpp"

namespace talweg {

/** Writes the residuals of block number `index` of those that were added with it, and the derivatives that are asked
    for, as a tw_block_function. */
using BlockFunction =
    std::function<void(int64_t index, const double *const *parameters, double *residuals, double *const *jacobians)>;

/** Parameter blocks and residual blocks. Copies are further names of the same problem. */
class Problem {
  public:
    Problem() : state_(std::make_shared<State>()) {}
    tw_problem *get() const noexcept { return state_->handle; }

    /** Adds values.size() / blocks.size parameter blocks; the number of the first. */
    int64_t add_parameters(const std::vector<double> &values, const tw_parameter_blocks &blocks) {
        const int64_t size = detail::size(values);
        if (blocks.size < 1 || size % blocks.size != 0)
            throw Error(TW_ERROR_SHAPE, "add_parameters: " + std::to_string(size) + " values of blocks of " +
                                            std::to_string(blocks.size));
        int64_t first = 0;
        check(tw_problem_add_parameters(get(), &blocks, size / blocks.size, detail::data(values), &first));
        return first;
    }
    /** One block. */
    int64_t add_parameters(const std::vector<double> &values) {
        tw_parameter_blocks one = TW_PARAMETER_BLOCKS_INIT;
        one.size = detail::size(values);
        return add_parameters(values, one);
    }
    std::vector<double> parameters(int64_t block, int64_t size) const {
        std::vector<double> values(static_cast<size_t>(size < 0 ? 0 : size));
        check(tw_problem_get_parameters(get(), block, values.data(), size));
        return values;
    }
    void set_parameters(int64_t block, const std::vector<double> &values) {
        check(tw_problem_set_parameters(get(), block, detail::data(values), detail::size(values)));
    }
    void set_constant(int64_t block, bool constant = true) { check(tw_problem_set_constant(get(), block, constant)); }

    /** Adds residual blocks of a function, each of as many parameter blocks as residuals.block_count says, whose
        numbers stand in `blocks` one after another. What the function throws, the call that needed it throws. Its
        place in `residuals`, batch and context are not used. */
    void add_residuals(tw_residual_blocks residuals, const std::vector<int64_t> &blocks, BlockFunction function) {
        const int64_t size = detail::size(blocks);
        if (residuals.block_count < 1 || size % residuals.block_count != 0)
            throw Error(TW_ERROR_SHAPE, "add_residuals: " + std::to_string(size) + " numbers for blocks of " +
                                            std::to_string(residuals.block_count));
        state_->functions.push_back(std::make_unique<BlockFunction>(std::move(function)));
        residuals.context = state_->functions.back().get();
        residuals.batch = nullptr;
        residuals.function = [](void *context, int64_t index, const double *const *parameters, double *out,
                                double *const *jacobians) {
            const auto &write = *static_cast<BlockFunction *>(context);
            return detail::guarded([&] { write(index, parameters, out, jacobians); });
        };
        check(tw_problem_add_residuals(get(), &residuals, detail::data(blocks), size / residuals.block_count));
    }

    Tensor residuals() const { return detail::make(tw_problem_residuals, get()); }
    double cost() const {
        double value = 0;
        check(tw_problem_cost(get(), &value));
        return value;
    }
    tw_problem_summary solve(const tw_problem_options &options = TW_PROBLEM_OPTIONS_INIT) {
        tw_problem_summary summary = TW_PROBLEM_SUMMARY_INIT;
        check(tw_problem_solve(get(), &options, &summary));
        return summary;
    }
    /** Asks after each step whether to stop, with what was reached. What `stop` throws, this throws. The options'
        callback and context are not used. */
    tw_problem_summary solve(tw_problem_options options,
                             const std::function<bool(const tw_least_squares_progress &)> &stop) {
        using Context = detail::Stopping<const tw_least_squares_progress &>;
        Context context{stop};
        options.callback = [](void *c, const tw_least_squares_progress *p) {
            return static_cast<Context *>(c)->ask(*p);
        };
        options.context = &context;
        const tw_problem_summary summary = solve(options);
        context.rethrow();
        return summary;
    }
    std::string report() const {
        return detail::text([&](char *text, size_t capacity, size_t *needed) {
            return tw_problem_report(get(), text, capacity, needed);
        });
    }
    Tensor covariance(const std::vector<int64_t> &blocks, bool absolute = false) const {
        return detail::make(tw_problem_covariance, get(), detail::data(blocks), detail::size(blocks), absolute);
    }

  private:
    /** The problem, and the functions that it calls. */
    struct State {
        tw_problem *handle = nullptr;
        std::vector<std::unique_ptr<BlockFunction>> functions;

        State() { check(tw_problem_new(&handle)); }
        ~State() { tw_problem_free(handle); }
        State(const State &) = delete;
        State &operator=(const State &) = delete;
    };
    std::shared_ptr<State> state_;
};

}  // namespace talweg

#endif
