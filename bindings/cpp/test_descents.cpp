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

static void losses() {
    Tensor x = {0, 3, -1}, y = {0.5, 0, 1};
    tw_loss_options sum = TW_LOSS_OPTIONS_INIT;
    sum.reduction = TW_REDUCTION_SUM;
    EXPECT(near(mse_loss(x, y, sum).item(), 13.25) && near(mae_loss(x, y).item(), 5.5 / 3));
    tw_huber_loss_options huber = TW_HUBER_LOSS_OPTIONS_INIT;
    huber.delta = 2;
    huber.reduction = TW_REDUCTION_NONE;
    EXPECT(near(huber_loss(x, y, huber), {0.125, 4, 2}));
    Tensor steps = full({2, 1, 2}, std::log(0.5), TW_FLOAT64);
    Tensor one = full({1}, 1, TW_INT64), two = full({1}, 2, TW_INT64);
    EXPECT(near(ctc_loss(steps, one, two, one).item(), std::log(4.0 / 3)));
    EXPECT(throws(TW_ERROR_INVALID_ARGUMENT, [&] { bce_loss(x, y); }));
}

static void second_order() {
    Tensor p = {-1.2, 1};
    p.requires_grad();
    tw_lbfgs_options options = TW_LBFGS_OPTIONS_INIT;
    options.max_iterations = 200;
    options.change_tolerance = 0;
    Optimizer optimizer = LBFGS(options);
    optimizer.add(p);
    double first = optimizer.step([&] {
        optimizer.zero_grad();
        Tensor a = p.slice(0, 0, 1), b = p.slice(0, 1, 2);
        Tensor f = sum(square(a * -1.0 + 1.0) + square(b - square(a)) * 100.0);
        f.backward();
        return f.item();
    });
    EXPECT(near(first, 24.2) && near(p, {1, 1}, 1e-6));
    EXPECT(throws_own<std::domain_error>([&] { optimizer.step([]() -> double { throw std::domain_error("no"); }); }));
    tw_linear_options linear = TW_LINEAR_OPTIONS_INIT;
    linear.dtype = TW_FLOAT64;
    Module line = Sequential({Linear(1, 1, linear)});
    tw_levenberg_marquardt_result fit =
        levenberg_marquardt_fit(line, Tensor{0, 1, 2}.reshape({3, 1}), Tensor{0, 1, 1}.reshape({3, 1}));
    EXPECT(near(fit.cost, 1.0 / 12) && near(line.parameter("0.weight"), {0.5}, 1e-9));
}

void test_descents() {
    losses();
    second_order();
    descents();
    huber_with_scale();
}
