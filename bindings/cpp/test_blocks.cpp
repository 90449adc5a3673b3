// Problems of residual blocks, and models that are linear in some parameters: worked out by hand.
#include "test.hpp"

/** An exception of the caller's. */
struct Misfit {};

static void blocks() {
    // a - 3, 2 (a - b - 1): zero at a = 3, b = 2, where J = [1 0; 2 -2].
    Problem problem;
    const int64_t a = problem.add_parameters({0}), b = problem.add_parameters({0});
    tw_residual_blocks kind = TW_RESIDUAL_BLOCKS_INIT;
    int64_t calls = 0;
    problem.add_residuals(kind, {a}, [&](int64_t, const double *const *x, double *r, double *const *) {
        ++calls;
        r[0] = x[0][0] - 3;
    });
    kind.block_count = 2;
    kind.derivatives = true;
    problem.add_residuals(kind, {a, b}, [](int64_t, const double *const *x, double *r, double *const *j) {
        r[0] = 2 * (x[0][0] - x[1][0] - 1);
        if (j && j[0]) j[0][0] = 2;
        if (j && j[1]) j[1][0] = -2;
    });
    EXPECT(is(problem.residuals(), {-3, -2}) && problem.cost() == 6.5);
    tw_problem_summary summary = problem.solve();
    EXPECT(near(problem.parameters(a, 1)[0], 3, 1e-9) && near(problem.parameters(b, 1)[0], 2, 1e-9));
    EXPECT(summary.initial_cost == 6.5 && summary.final_cost < 1e-18 && summary.unknown_count == 2 && calls > 1);
    EXPECT(!problem.report().empty() && near(problem.covariance({a, b}, true), {1, 1, 1, 1.25}, 1e-9));
    problem.set_parameters(a, {5});
    problem.set_constant(a);
    problem.solve();
    EXPECT(near(problem.parameters(b, 1)[0], 4, 1e-9) && problem.parameters(a, 1)[0] == 5);
    problem.set_parameters(b, {0});
    summary = problem.solve(TW_PROBLEM_OPTIONS_INIT, [](const tw_least_squares_progress &) { return true; });
    EXPECT(summary.stop == TW_LEAST_SQUARES_CALLBACK && summary.iterations == 1);
    problem.set_parameters(b, {0});
    EXPECT(throws_own<Misfit>([&] {
        problem.solve(TW_PROBLEM_OPTIONS_INIT, [](const tw_least_squares_progress &) -> bool { throw Misfit(); });
    }));
    kind.block_count = 1;
    problem.add_residuals(kind, {b}, [](int64_t, const double *const *, double *, double *const *) { throw Misfit(); });
    EXPECT(throws_own<Misfit>([&] { problem.cost(); }) && throws_own<Misfit>([&] { problem.solve(); }));
    EXPECT(throws(TW_ERROR_INDEX, [&] { problem.parameters(7, 1); }));
    EXPECT(throws(TW_ERROR_SHAPE, [&] {
        tw_residual_blocks two = TW_RESIDUAL_BLOCKS_INIT;
        two.block_count = 2;
        problem.add_residuals(two, {a, b, a}, [](int64_t, const double *const *, double *, double *const *) {});
    }));
    tw_parameter_blocks pairs = TW_PARAMETER_BLOCKS_INIT;
    pairs.size = 2;
    EXPECT(problem.add_parameters({1, 2, 3, 4}, pairs) == 2 && problem.parameters(3, 2) == (std::vector<double>{3, 4}));
    EXPECT(throws(TW_ERROR_SHAPE, [&] { problem.add_parameters({1, 2, 3}, pairs); }));
}

static void separable_models() {
    // 3 exp(-a x) + 1 at a = 0.5, without noise: the start of a alone.
    std::vector<double> x, values;
    for (int i = 0; i < 9; ++i) {
        x.push_back(i);
        values.push_back(3 * std::exp(-0.5 * i) + 1);
    }
    const Tensor y(values);
    const VectorFunction functions = [&](const double *alpha, double *phi) {
        for (size_t i = 0; i < x.size(); ++i) phi[2 * i] = std::exp(-alpha[0] * x[i]), phi[2 * i + 1] = 1;
    };
    const VectorFunction derivatives = [&](const double *alpha, double *out) {
        for (size_t i = 0; i < x.size(); ++i) out[2 * i] = -x[i] * std::exp(-alpha[0] * x[i]), out[2 * i + 1] = 0;
    };
    EXPECT(near(variable_projection(2, functions, y, Tensor{1}).parameters(), {0.5, 3, 1}, 1e-8));
    const tw_least_squares_options plain = TW_LEAST_SQUARES_OPTIONS_INIT;
    LeastSquaresResult fit = variable_projection(2, functions, y, Tensor{1}, plain, derivatives);
    EXPECT(near(fit.parameters(), {0.5, 3, 1}, 1e-10) && fit.jacobian().shape() == (Shape{9, 3}));
    EXPECT(throws_own<Misfit>([&] {
        variable_projection(1, [](const double *, double *) { throw Misfit(); }, y, Tensor{1});
    }));
}

void test_blocks() {
    blocks();
    separable_models();
}
