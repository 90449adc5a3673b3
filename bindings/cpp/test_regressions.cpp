// Statistics, streams, sparse systems, penalised, robust and generalised regressions: values worked out by hand.
#include "test.hpp"

#include <cstdio>
#include <fstream>

/** An exception of the caller's. */
struct Halt {};

static const Tensor five = {1, 2, 3, 4, 5}, heights = {2, 4, 5, 4, 5};

static void statistics() {
    // Slope 0.6, intercept 2.2, rss 2.4 of 3 degrees of freedom: s^2 = 0.8, Sxx = 10.
    LstsqResult fit = lstsq(five, heights);
    EXPECT(near(fit.residual_variance().item(), 0.8) && near(fit.f_statistic().item(), 4.5));
    EXPECT(near(fit.t_values().item(), 0.6 / std::sqrt(0.08)) && near(fit.covariance(), {0.08, -0.24, -0.24, 0.88}));
    EXPECT(near(fit.p_values().item(), fit.f_p_value().item()) && near(fit.adjusted_r_squared().item(), 7. / 15));
    EXPECT(near(fit.intercept_t_value().item(), 2.2 / std::sqrt(0.88)) && fit.intercept_p_value().item() > 0);
    const double t = 3.182446305284263; // the quantile 0.975 of Student's t with 3 degrees of freedom
    EXPECT(near(fit.confidence_intervals(), {0.6 - t * std::sqrt(0.08), 0.6 + t * std::sqrt(0.08)}));
    EXPECT(near(fit.intercept_confidence_interval(), {2.2 - t * std::sqrt(0.88), 2.2 + t * std::sqrt(0.88)}));
    EXPECT(near(fit.prediction_errors(Tensor{3}), {0.4}));
    EXPECT(near(fit.prediction_intervals(Tensor{3}), {4 - 0.4 * t, 4 + 0.4 * t}));
    EXPECT(near(fit.prediction_errors(Tensor{3}, TW_INTERVAL_PREDICTION), {std::sqrt(0.96)}));
    const double likelihood = -2.5 * (std::log(2 * std::acos(-1.0) * 0.48) + 1);
    EXPECT(near(fit.log_likelihood().item(), likelihood) && near(fit.aic().item(), 4 - 2 * likelihood));
    EXPECT(near(fit.bic().item(), 2 * std::log(5.0) - 2 * likelihood));
    EXPECT(near(fit.residuals(five, heights), {-0.8, 0.6, 1, -0.6, -0.2}));
    EXPECT(near(fit.leverage(five), {0.6, 0.3, 0.2, 0.3, 0.6}) && near(fit.variance_inflation(), {1}));
    EXPECT(near(fit.influence(five, heights, TW_INFLUENCE_STUDENTIZED).to_vector()[0], -0.8 / std::sqrt(0.8 * 0.4)));
    tw_robust_covariance_options white = TW_ROBUST_COVARIANCE_OPTIONS_INIT;
    white.kind = TW_ROBUST_HC0; // of the slope: sum of (x - 3)^2 e^2 over Sxx^2
    EXPECT(near(fit.robust_covariance(five, heights, white).to_vector()[0], (4 * 0.64 + 0.36 + 0.36 + 4 * 0.04) / 100));
    EXPECT(near(fit.condition_number(), std::sqrt((30 + std::sqrt(850.)) / (30 - std::sqrt(850.))), 1e-9));
    EXPECT(fit.summary({"height"}).find("height") != std::string::npos);
    EXPECT(fit.summary().find("x0") != std::string::npos);
    EXPECT(throws(TW_ERROR_SHAPE, [&] { fit.summary({"a", "b"}); }));
    EXPECT(throws(TW_ERROR_INVALID_ARGUMENT, [&] { fit.confidence_intervals(1); }));
}

static void streams() {
    LstsqStream whole(1), first(1), second(1);
    whole.push(five, heights);
    first.push(five.slice(0, 0, 2), heights.slice(0, 0, 2));
    second.push(five.slice(0, 2), heights.slice(0, 2), ones({3}, TW_FLOAT64));
    first.merge(second);
    EXPECT(near(first.solve().coefficients().item(), 0.6) && first.rows() == 5);
    LstsqStream again = LstsqStream::load(first.save());
    again.drop(Tensor{4, 5}, Tensor{4, 5});
    EXPECT(near(again.solve().coefficients().item(), 1.5, 1e-11) && first.rows() == 5 && again.rows() == 3);
    EXPECT(throws(TW_ERROR_FORMAT, [] { LstsqStream::load({1, 2, 3}); }));
    EXPECT(throws(TW_ERROR_STATE, [] { LstsqStream(1).solve(); }));
    EXPECT(throws(TW_ERROR_SHAPE, [&] { whole.push(five, Tensor{1}); }));

    LstsqStream called(1);
    int64_t next = 0;
    called.push_from([&](Block &block) {
        if (next == 5) return false;
        block.X = five.slice(0, next, next + 1);
        block.y = heights.slice(0, next, next + 1);
        if (next == 0) block.weights = Tensor(std::vector<double>{1});
        ++next;
        return true;
    });
    EXPECT(near(called.solve().rss().item(), 2.4) && called.rows() == 5);
    EXPECT(throws_own<Halt>([&] { called.push_from([](Block &) -> bool { throw Halt(); }); }) && called.rows() == 5);
    EXPECT(throws(TW_ERROR_SHAPE, [&] {
        called.push_from([](Block &block) {
            block.X = five;
            block.y = Tensor{1};
            return true;
        });
    }));

    const std::string path = "/tmp/talweg-cpp-stream.csv";
    std::ofstream(path) << "y,x\n2,1\n4,2\n5,3\n4,4\n5,5\n";
    tw_stream_file_options columns = TW_STREAM_FILE_OPTIONS_INIT;
    columns.skip_lines = 1;
    columns.target_column = 0;
    LstsqStream read(1);
    read.push_csv(path, columns);
    EXPECT(near(read.solve().intercept().item(), 2.2));
    EXPECT(throws(TW_ERROR_FORMAT, [&] { read.push_npy(path); }) && read.rows() == 5);
    std::remove(path.c_str());
    EXPECT(throws(TW_ERROR_IO, [&] { read.push_csv(path); }));
}

static void sparse_systems() {
    // [1 0; 0 2; 1 1] x = [1 2 5]: normal equations [2 1; 1 5] x = [6 9], so x = [7/3 4/3].
    Operator matrix = Operator::from_csr(2, {0, 1, 2, 4}, {0, 1, 0, 1}, {1, 2, 1, 1});
    EXPECT(is(matrix.multiply(Tensor{1, 10}), {1, 20, 11}) && is(matrix.multiply(Tensor{1, 1, 1}, true), {2, 3}));
    LsqrResult found = lsqr(matrix, Tensor{1, 2, 5});
    EXPECT(near(found.x, {7. / 3, 4. / 3}, 1e-12) && found.summary.stop == TW_ITERATIVE_LEAST_SQUARES);
    EXPECT(near(found.summary.residual_norm, std::sqrt(16. / 9 + 4. / 9 + 16. / 9), 1e-12));
    Operator same = Operator::from_functions(
        3, 2, [](const double *x, double *y) { y[0] = x[0], y[1] = 2 * x[1], y[2] = x[0] + x[1]; },
        [](const double *y, double *x) { x[0] = y[0] + y[2], x[1] = 2 * y[1] + y[2]; });
    EXPECT(near(lsqr(same, Tensor{1, 2, 5}).x, {7. / 3, 4. / 3}, 1e-12));
    int64_t asked = 0;
    found = lsqr(same, Tensor{1, 2, 5}, TW_ITERATIVE_OPTIONS_INIT, [&](int64_t iteration, double, double) {
        asked = iteration;
        return true;
    });
    EXPECT(asked == 1 && found.summary.stop == TW_ITERATIVE_CALLBACK);
    EXPECT(throws_own<Halt>([&] {
        lsqr(same, Tensor{1, 2, 5}, TW_ITERATIVE_OPTIONS_INIT, [](int64_t, double, double) -> bool { throw Halt(); });
    }));
    Operator broken = Operator::from_functions(3, 2, [](const double *, double *) { throw Halt(); },
                                               [](const double *, double *) { throw Halt(); });
    EXPECT(throws_own<Halt>([&] { broken.multiply(Tensor{1, 1}); }));
    EXPECT(throws_own<Halt>([&] { lsqr(broken, Tensor{1, 2, 5}); }));
    EXPECT(throws(TW_ERROR_SHAPE, [] { Operator::from_csr(2, {0, 1}, {0}, {}); }));
    EXPECT(throws(TW_ERROR_INDEX, [] { Operator::from_csr(2, {0, 1}, {7}, {1}); }));
    EXPECT(throws(TW_ERROR_SHAPE, [&] { lsqr(matrix, Tensor{1, 2}); }));
    auto held = std::make_shared<int>(1);
    {
        Operator keeps = Operator::from_functions(1, 1, [held](const double *x, double *y) { *y = *held * *x; },
                                                  [](const double *y, double *x) { *x = *y; });
        EXPECT(held.use_count() == 2);
    }
    EXPECT(held.use_count() == 1);
    EXPECT(throws(TW_ERROR_INVALID_ARGUMENT, [&] {
        Operator::from_functions(0, 1, [held](const double *, double *) {}, [](const double *, double *) {});
    }));
    EXPECT(held.use_count() == 1);
}

static void penalties() {
    // Centred x'y / n = 1.2, x'x / n = 2: the lasso's slope is (1.2 - penalty) / 2.
    const double steps[] = {0.2, 1.0, 2.0};
    tw_elastic_net_options options = TW_ELASTIC_NET_OPTIONS_INIT;
    options.penalties = steps;
    options.penalty_count = 3;
    ElasticNetResult path = elastic_net(five, heights, options);
    EXPECT(near(path.coefficients(), {0, 0.1, 0.5}, 1e-6) && near(path.penalties(), {2, 1, 0.2}) && path.count() == 3);
    EXPECT(near(path.intercepts(), {4, 3.7, 2.5}, 1e-5) && path.best() == 2 && path.best_within_error() == 2);
    EXPECT(near(path.predict(Tensor{3}), {4}, 1e-6) && near(path.predict(Tensor{1}, 0), {4}, 1e-6));
    EXPECT(path.stop_reason() == TW_STOP_TOLERANCE && path.gaps().count() == 3);
    EXPECT(path.iterations().dtype() == TW_INT64);
    EXPECT(std::isnan(path.errors().to_vector()[0]) && near(path.r_squared().to_vector()[0], 0));
    const auto at_second = [](const tw_elastic_net_progress &p) { return p.index == 1; };
    ElasticNetResult part = elastic_net(five, heights, options, at_second);
    EXPECT(part.count() == 2 && part.stop_reason() == TW_STOP_CALLBACK);
    EXPECT(throws_own<Halt>([&] {
        elastic_net(five, heights, options, [](const tw_elastic_net_progress &) -> bool { throw Halt(); });
    }));
    // Sxy / (Sxx + penalty)
    tw_ridge_options ridge = TW_RIDGE_OPTIONS_INIT;
    ridge.penalties = steps;
    ridge.penalty_count = 3;
    ridge.criterion = TW_RIDGE_LEAVE_ONE_OUT;
    ElasticNetResult ridges = ridge_path(five, heights, ridge);
    EXPECT(near(ridges.coefficients(), {6. / 12, 6. / 11, 6. / 10.2}));
    EXPECT(ridges.errors().count() == 3 && ridges.error_standard_errors().count() == 3);
    EXPECT(throws(TW_ERROR_NUMERIC, [&] { ridge_path(five, Tensor{1, 2, NAN, 4, 5}, ridge); }));
}

static void outliers() {
    const Tensor x = {1, 2, 3, 4, 5, 6, 7}, y = {3, 5, 7, 9, 11, 13, 99}; // 2 x + 1, but for the last
    tw_robust_options options = TW_ROBUST_OPTIONS_INIT;
    options.loss = TW_ROBUST_TUKEY;
    const RobustResult fits[] = {robust(x, y, options), quantile_regression(x, y), ransac(x, y), theil_sen(x, y)};
    for (const RobustResult &fit : fits)
        EXPECT(near(fit.coefficients(), {2}, 1e-7) && near(fit.intercept().item(), 1, 1e-6) && fit.rank() == 1);
    EXPECT(is(fits[2].weights(), {1, 1, 1, 1, 1, 1, 0}) && near(fits[0].predict(Tensor{10}), {21}, 1e-6));
    EXPECT(fits[2].iterations() >= 1 && std::isnan(fits[3].objective()) && fits[1].scale() >= 0);
    EXPECT(std::isnan(fits[1].standard_errors().item()) && std::isnan(fits[1].intercept_standard_error().item()));
    const Tensor noisy = {3.1, 4.8, 7.2, 8.9, 11.1, 12.8, 99};
    const RobustResult one = robust(x, noisy, options, [](const tw_robust_progress &p) { return p.iteration == 1; });
    EXPECT(one.iterations() == 1 && one.stop_reason() == TW_STOP_CALLBACK);
    const auto halt = [](const tw_robust_progress &) -> bool { throw Halt(); };
    EXPECT(throws_own<Halt>([&] { robust(x, noisy, options, halt); }));
    EXPECT(throws(TW_ERROR_SHAPE, [&] { theil_sen(x, five); }));
}

static void generalised() {
    // Of 3 zeros and 1 one at x = 0, and 1 zero and 3 ones at 1: logits -log 3 and log 3.
    const Tensor x = {0, 0, 0, 0, 1, 1, 1, 1}, y = {0, 0, 0, 1, 0, 1, 1, 1};
    tw_glm_options options = TW_GLM_OPTIONS_INIT;
    options.family = TW_GLM_BINOMIAL;
    GLMResult fit = glm(x, y, options);
    EXPECT(near(fit.coefficients().item(), 2 * std::log(3.0), 1e-9));
    EXPECT(near(fit.intercept().item(), -std::log(3.0), 1e-9));
    EXPECT(near(fit.intercept_standard_error().item(), std::sqrt(4. / 3), 1e-8));
    EXPECT(near(fit.standard_errors().item(), std::sqrt(8. / 3), 1e-8) && fit.rank() == 1 && fit.dispersion() == 1);
    const double likelihood = 6 * std::log(0.75) + 2 * std::log(0.25);
    EXPECT(near(fit.log_likelihood(), likelihood, 1e-9) && near(fit.deviance(), -2 * likelihood, 1e-9));
    EXPECT(near(fit.null_deviance(), 16 * std::log(2.0), 1e-9) && near(fit.aic(), 4 - 2 * likelihood, 1e-9));
    EXPECT(near(fit.predict(Tensor{0, 1}), {0.25, 0.75}, 1e-9) && fit.degrees_of_freedom() == 6);
    EXPECT(is(fit.predict(Tensor{0, 1}, TW_GLM_CLASS), {0, 1}) && !fit.separated());
    EXPECT(near(fit.predict(Tensor{0}, TW_GLM_LINEAR, Tensor{1}), {1 - std::log(3.0)}, 1e-9));
    EXPECT(fit.stop_reason() == TW_STOP_TOLERANCE && fit.iterations() > 1);
    GLMResult one = glm(x, y, options, [](const tw_glm_progress &p) { return p.iteration == 1; });
    EXPECT(one.iterations() == 1 && one.stop_reason() == TW_STOP_CALLBACK);
    EXPECT(throws_own<Halt>([&] { glm(x, y, options, [](const tw_glm_progress &) -> bool { throw Halt(); }); }));
    EXPECT(glm(Tensor{1, 2, 3, 4}, Tensor{0, 0, 1, 1}, options).separated());
    EXPECT(throws(TW_ERROR_INVALID_ARGUMENT, [&] { glm(x, y * 2.0, options); }));
    EXPECT(std::isnan(fit.violation()));
    const double z = 2 * std::log(3.0) / std::sqrt(8. / 3), normal = student_t_critical_value(0.95, INFINITY);
    EXPECT(near(fit.statistics().item(), z, 1e-8) && near(fit.p_values().item(), std::erfc(z / std::sqrt(2.0)), 1e-8));
    EXPECT(near(fit.intercept_statistic().item(), -std::log(3.0) / std::sqrt(4. / 3), 1e-8));
    EXPECT(fit.intercept_p_value().item() > fit.p_values().item() && fit.null_degrees_of_freedom() == 7);
    EXPECT(near(fit.confidence_intervals(), {2 * std::log(3.0) - normal * std::sqrt(8. / 3),
                                             2 * std::log(3.0) + normal * std::sqrt(8. / 3)}, 1e-7));
    EXPECT(fit.intercept_confidence_interval().count() == 2 && near(fit.pearson(), 8, 1e-8));
    EXPECT(near(fit.bic(), 2 * std::log(8.0) - 2 * likelihood, 1e-9));
    EXPECT(near(fit.predict_error(Tensor{0}, TW_GLM_LINEAR), {std::sqrt(4. / 3)}, 1e-8));
    EXPECT(near(fit.residuals(x, y, TW_GLM_RESIDUAL_RESPONSE).to_vector()[0], -0.25, 1e-9));
    EXPECT(fit.summary({"group"}).find("group") != std::string::npos);
    // The L1 norm takes l1 of the successes where x is 1 to where it is 0: 2.5 of 4 and 1.5 of 4. In a path of mean
    // losses that is a penalty of 1 / 16, and 1 / 8 leaves no coefficient.
    options.l1 = 0.5;
    fit = glm(x, y, options);
    EXPECT(near(fit.coefficients(), {2 * std::log(2.5 / 1.5)}, 1e-9) && fit.violation() < 1e-8);
    options.l1 = 0;
    tw_glm_path_options two = TW_GLM_PATH_OPTIONS_INIT;
    two.penalty_count = 2;
    two.penalty_ratio = 0.5;
    GLMPathResult path = glm_path(x, y, options, two);
    EXPECT(path.count() == 2 && near(path.penalties(), {1. / 8, 1. / 16}, 1e-10));
    EXPECT(near(path.coefficients(), {0, 2 * std::log(2.5 / 1.5)}, 1e-8) && path.stop_reason() == TW_STOP_TOLERANCE);
    EXPECT(near(path.fit(1).predict(Tensor{0, 1}), {1.5 / 4, 2.5 / 4}, 1e-8) && path.intercepts().count() == 2);
    EXPECT(path.deviances().count() == 2 && near(path.deviances().to_vector()[0], 16 * std::log(2.0), 1e-9));
    EXPECT(throws(TW_ERROR_INDEX, [&] { path.fit(2); }));
}

void test_regressions() {
    statistics();
    streams();
    sparse_systems();
    penalties();
    outliers();
    generalised();
}
