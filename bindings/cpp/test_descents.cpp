// Stochastic descents, and Huber's estimate of coefficients and scale at once.
#include "test.hpp"

/** An exception of the caller's. */
struct Misfit {};

static void descents() {
    // One row, 2 b + c = 3: a step of 0.1 times the residual and the row.
    tw_stochastic_options options = TW_STOCHASTIC_OPTIONS_INIT;
    options.alpha = 0;
    options.schedule = TW_STOCHASTIC_CONSTANT;
    options.rate = 0.1;
    options.max_epochs = 1;
    const Tensor X = Tensor{2}.reshape({1, 1}), y = {3};
    StochasticResult one = stochastic(X, y, options);
    EXPECT(near(one.coefficients(), {0.6}) && near(one.intercept(), 0.3) && one.epochs() == 1 && one.step() == 2);
    EXPECT(one.stop_reason() == TW_STOP_ITERATIONS && near(one.objective(), 4.5) && std::isnan(one.score()));
    StochasticResult sparse = stochastic(Operator::from_csr(1, {0, 1}, {0}, {2}), y, options);
    EXPECT(near(sparse.coefficients(), {0.6}) && near(sparse.intercept(), 0.3));
    options.max_epochs = 10;
    const auto at_third = [](const tw_stochastic_progress &p) { return p.epoch == 3; };
    EXPECT(stochastic(X, y, options, at_third).epochs() == 3);
    EXPECT(throws_own<Misfit>([&] {
        stochastic(X, y, options, [](const tw_stochastic_progress &) -> bool { throw Misfit(); });
    }));
    options.average_from = 1;
    options.max_epochs = 1;
    one = stochastic(X, y, options);
    EXPECT(near(one.average(), {0.6}) && near(one.average_intercept(), 0.3));
    EXPECT(throws(TW_ERROR_SHAPE, [&] { stochastic(X, Tensor{1, 2}, options); }));
}

static void huber_with_scale() {
    // 2 x + 1 but for the last row; the median of rows is on the line, which outliers pull a little.
    const Tensor x = {1, 2, 3, 4, 5, 6, 7, 8}, y = {3.1, 4.9, 7.1, 8.9, 11.1, 12.9, 15.1, 40};
    RobustResult fit = huber(x, y);
    EXPECT(std::fabs(fit.coefficients().item() - 2) < 0.2 && fit.scale() > 0 && fit.stop_reason() == TW_STOP_TOLERANCE);
    // What it minimises, at its end.
    double sum = 0;
    const std::vector<double> means = fit.predict(x).to_vector(), truth = y.to_vector();
    for (size_t i = 0; i < truth.size(); ++i) {
        const double z = std::fabs(truth[i] - means[i]) / fit.scale();
        sum += fit.scale() * (1 + (z <= 1.35 ? z * z : 2 * 1.35 * z - 1.35 * 1.35));
    }
    EXPECT(near(sum, fit.objective(), 1e-9 * sum));
    tw_huber_options options = TW_HUBER_OPTIONS_INIT;
    options.epsilon = 0.5;
    EXPECT(throws(TW_ERROR_INVALID_ARGUMENT, [&] { huber(x, y, options); }));
}

void test_descents() {
    descents();
    huber_with_scale();
}
