// The C++ header: values worked out by hand, errors as exceptions, nothing left alive.
#include "test.hpp"

#include <cstdio>
#include <sstream>

static void tensors() {
    Tensor x = {1, 2, 3}, m = {{1, 2, 3}, {4, 5, 6}};
    EXPECT(x.rank() == 1 && x.count() == 3 && m.shape() == (Shape{2, 3}) && m.strides() == (Shape{3, 1}));
    EXPECT((x + x * 2.0 - 1.0).to_vector() == (std::vector<double>{2, 5, 8}));
    EXPECT((1.0 - x).to_vector() == (std::vector<double>{0, -1, -2}));
    EXPECT(matmul(m, x).to_vector() == (std::vector<double>{14, 32}));
    EXPECT(sum(m, {0}, true).shape() == (Shape{1, 3}) && sum(m).item() == 21);
    EXPECT(m.transpose().slice(0, 1).to_vector() == (std::vector<double>{2, 5, 3, 6}));
    EXPECT(concatenate({x, x}).count() == 6 && stack({x, x}).shape() == (Shape{2, 3}));
    EXPECT(flip(x).to_vector() == (std::vector<double>{3, 2, 1}));
    EXPECT(roll(x, 1, 0).to_vector() == (std::vector<double>{3, 1, 2}));
    EXPECT(tile(x, {2}).count() == 6 && repeat(x, 2, 0).count() == 6 && triu(m, 1).shape() == m.shape());
    EXPECT(cumulative_sum(x, 0).to_vector() == (std::vector<double>{1, 3, 6}) && diff(x).count() == 2);
    EXPECT(argsort(x, 0, true).values<int64_t>() == (std::vector<int64_t>{2, 1, 0}) && sort(m).shape() == m.shape());
    EXPECT(near(var(x).item(), 2.0 / 3) && argmax(m, 1).values<int64_t>() == (std::vector<int64_t>{2, 2}));
    EXPECT(Tensor(std::vector<float>{1, 2}).dtype() == TW_FLOAT32 && zeros({2, 2}, TW_BOOL).dtype() == TW_BOOL);
    std::ostringstream text;
    text << arange(0, 3);
    EXPECT(text.str() == "[0 1 2]");
    float memory[] = {1, 2};
    Tensor borrowed = borrow(memory, {2});
    memory[1] = 5;
    EXPECT(borrowed.to_vector()[1] == 5);
    Tensor name = x; // a further name of the same tensor
    name.assign(Tensor{7, 8, 9});
    EXPECT(x.to_vector()[0] == 7 && copy(x).data() != x.data());
    EXPECT(throws(TW_ERROR_SHAPE, [&] { matmul(m, m); }));
    EXPECT(throws(TW_ERROR_SHAPE, [&] { m + Tensor{1, 2}; }));
    EXPECT(throws(TW_ERROR_NULL, [&] { exp(Tensor()); }));
    EXPECT(throws(TW_ERROR_DTYPE, [&] { x.values<float>(); }));
}

static void gradients() {
    Tensor x = {1, 2, 3};
    x.requires_grad();
    sum(square(x)).backward();
    EXPECT(x.grad().to_vector() == (std::vector<double>{2, 4, 6}));
    x.zero_grad();
    EXPECT(!x.has_grad() && !x.grad());
    tw_grad_options options = TW_GRAD_OPTIONS_INIT;
    options.create_graph = true;
    Tensor first = grad(sum(power(x, 3)), {x}, options)[0];
    EXPECT(grad(sum(first), {x})[0].to_vector() == (std::vector<double>{6, 12, 18}));
    {
        NoGrad off;
        EXPECT(!square(x).is_recorded());
    }
    EXPECT(square(x).is_recorded() && !square(x).detach().is_recorded());
}

static void least_squares() {
    LstsqResult fit = lstsq(Tensor{1, 2, 3, 4, 5}, Tensor{2, 4, 5, 4, 5});
    EXPECT(near(fit.coefficients().item(), 0.6) && near(fit.intercept().item(), 2.2));
    EXPECT(near(fit.standard_errors().item(), std::sqrt(0.08)) && near(fit.rss().item(), 2.4) && fit.rank() == 1);
    EXPECT(near(fit.predict(Tensor{10}).item(), 8.2));
    EXPECT(throws(TW_ERROR_NUMERIC, [] { lstsq(Tensor{1, NAN, 3}, Tensor{1, 2, 3}); }));
    VectorFunction valley = [](const double *b, double *r) {
        r[0] = 10 * (b[1] - b[0] * b[0]);
        r[1] = 1 - b[0];
    };
    LeastSquaresResult lowest = least_squares(2, valley, Tensor{-1.2, 1.0});
    EXPECT(std::fabs(sum(lowest.parameters()).item() - 2) < 1e-10 && lowest.summary().rank == 2);
    LeastSquaresResult line = curve_fit(TW_CURVE_POLYNOMIAL, 1, Tensor{1., 2., 3.}, Tensor{2., 4., 6.});
    EXPECT(std::fabs(sum(line.parameters()).item() - 2) < 1e-12 && line.covariance().rank() == 2);
    EXPECT(std::fabs(curve_evaluate(TW_CURVE_POWER, 1, Tensor{3., 2.}, Tensor{2.}).item() - 12) < 1e-12);
    const VectorFunction none = [](const double *, double *) { throw std::domain_error("mine"); };
    EXPECT(throws_own<std::domain_error>([&] { least_squares(2, none, Tensor{1.0}); }));
    EXPECT(throws_own<std::domain_error>([&] {
        least_squares([](const Tensor &) -> Tensor { throw std::domain_error("mine"); }, Tensor{1.0});
    }));
    EXPECT(throws(TW_ERROR_SHAPE, [] {
        least_squares([](const Tensor &b) { return matmul(b, Tensor{1, 2, 3}); }, Tensor{1.0, 2.0});
    }));
    LeastSquaresResult code = least_squares([](const Tensor &b) { return square(b) - Tensor{4, 9}; }, Tensor{1, 1});
    EXPECT(near(code.parameters(), {2, 3}, 1e-10) && near(code.jacobian(), {4, 0, 0, 6}, 1e-9));
    // A mean, 4 of 1, 2, 4, 5, 8 with s^2 = 7.5; Student's t of 4 degrees of freedom.
    const double t = student_t_critical_value(0.95, 4), half = t * std::sqrt(1.5);
    EXPECT(near(t, 2.776445105197795));
    Residuals mean([](const Tensor &b) { return Tensor{1, 2, 4, 5, 8} - b; });
    LeastSquaresResult four = least_squares(mean, Tensor{1});
    EXPECT(near(four.confidence_intervals(), {4 - half, 4 + half}, 1e-9));
    EXPECT(near(profile_intervals(mean, four), {4 - half, 4 + half}, 1e-8));
    EXPECT(near(four.bands(Tensor{12}, Tensor{3}.reshape({1, 1})), {12 - 3 * half, 12 + 3 * half}, 1e-9));
    EXPECT(near(curve_band(TW_CURVE_POLYNOMIAL, 1, line, Tensor{5}), {10, 10}, 1e-9));
    EXPECT(near(curve_gradient(TW_CURVE_POLYNOMIAL, 1, Tensor{0, 2}, Tensor{5}), {1, 5}));
    Residuals curved(2, valley);
    LeastSquaresResult stopped = least_squares(curved, Tensor{-1.2, 1.0}, TW_LEAST_SQUARES_OPTIONS_INIT,
                                               [](const tw_least_squares_progress &p) { return p.iteration == 2; });
    EXPECT(stopped.summary().stop == TW_LEAST_SQUARES_CALLBACK && stopped.summary().iterations == 2);
    EXPECT(throws_own<std::domain_error>([&] {
        least_squares(curved, Tensor{-1.2, 1.0}, TW_LEAST_SQUARES_OPTIONS_INIT,
                      [](const tw_least_squares_progress &) -> bool { throw std::domain_error("mine"); });
    }));
}

static void training() {
    Generator generator(1);
    tw_linear_options options = TW_LINEAR_OPTIONS_INIT;
    options.generator = generator.get();
    Module network = Sequential({Linear(2, 8, options), Tanh(), Linear(8, 1, options)});
    EXPECT(network.parameter_size() == 33 && network.parameter_name(2) == "2.weight");
    Tensor x = random_normal({64, 2}, &generator), y = x.slice(1, 0, 1) * 0.5 - x.slice(1, 1, 2) * 0.25;
    tw_adam_options adam = TW_ADAM_OPTIONS_INIT;
    adam.learning_rate = 0.01;
    Optimizer optimizer = Adam(adam);
    optimizer.add(network);
    double before = mse_loss(network(x), y).item();
    Loader loader(x, y);
    Batch batch;
    while (loader.next(batch)) {
        optimizer.zero_grad();
        mse_loss(network(batch.x), batch.y).backward();
        optimizer.step();
    }
    History history = fit(network, optimizer, x, y);
    EXPECT(history.epochs() == 10 && history.values(TW_METRIC_LOSS).back() < before);
    EXPECT(near(mse_loss(network.predict(x, 7), y).item(), mse_loss(network(x), y).item(), 1e-6));
    EXPECT(l2_penalty(network).item() > 0);
    const std::string path = "/tmp/talweg-cpp-test.safetensors";
    network.save(path);
    Safetensors file(path);
    EXPECT(file.names().size() == 4);
    EXPECT(file["0.weight"].values<float>() == network.parameter("0.weight").values<float>());
    std::remove(path.c_str());
    EXPECT(throws(TW_ERROR_IO, [&] { network.load("/tmp/no such file"); }));
    EXPECT(throws(TW_ERROR_INDEX, [&] { network.parameter("7.weight"); }));
}

static void functions() {
    Tensor scale = {3};
    Module layer = Function([scale](const Tensor &x) { return x * scale; });
    layer.set_parameter("scale", scale);
    Module network = Sequential({layer, ReLU()});
    Tensor y = network(Tensor{-1, 2});
    EXPECT(y.to_vector() == (std::vector<double>{0, 6}));
    sum(y).backward();
    EXPECT(scale.grad().to_vector() == (std::vector<double>{2}));
    Module broken = Function([](const Tensor &) -> Tensor { throw std::runtime_error("no"); });
    EXPECT(throws_own<std::runtime_error>([&] { broken(Tensor{1}); }));
    EXPECT(throws_own<std::runtime_error>([&] { Sequential({ReLU(), broken}).predict(Tensor{1}); }));
    Module mistaken = Function([](const Tensor &x) { return matmul(x, Tensor{1, 2, 3}); });
    EXPECT(throws(TW_ERROR_SHAPE, [&] { mistaken(Tensor{1}); }));
    EXPECT(throws(TW_ERROR_NULL, [&] { Function([](const Tensor &) { return Tensor(); })(Tensor{1}); }));
}

static void stopping() {
    Tensor x = linspace(0, 1, 8).reshape({8, 1}), y = x * 2.0;
    tw_linear_options linear = TW_LINEAR_OPTIONS_INIT;
    linear.dtype = TW_FLOAT64;
    Module line = Linear(1, 1, linear);
    Optimizer optimizer = SGD();
    optimizer.add(line);
    History history = fit(line, optimizer, x, y, TW_FIT_OPTIONS_INIT,
                          [](const tw_epoch_progress &progress) { return progress.epoch == 3; });
    EXPECT(history.epochs() == 3 && history.stop() == TW_FIT_STOP_CANCELLED);
    history = fit(line, optimizer, x, y, TW_FIT_OPTIONS_INIT, [](const tw_epoch_progress &) { return false; });
    EXPECT(history.epochs() == 10 && history.stop() == TW_FIT_STOP_EPOCHS);
    EXPECT(throws_own<std::domain_error>([&] {
        fit(line, optimizer, x, y, TW_FIT_OPTIONS_INIT,
            [](const tw_epoch_progress &) -> bool { throw std::domain_error("no"); });
    }));
    tw_lstsq_options descent = TW_LSTSQ_OPTIONS_INIT;
    descent.method = TW_LSTSQ_GRADIENT_DESCENT;
    LstsqResult result = lstsq(x, y, descent, [](const tw_descent_progress &p) { return p.iteration == 5; });
    EXPECT(result.iterations() == 5 && result.stop_reason() == TW_STOP_CALLBACK);
    EXPECT(throws_own<std::domain_error>([&] {
        lstsq(x, y, descent, [](const tw_descent_progress &) -> bool { throw std::domain_error("no"); });
    }));
    Tensor p = {0, 0};
    p.requires_grad();
    p.set_grad(Tensor{3, 4});
    EXPECT(near(clip_grad_norm({p}, 1), 5) && near(p.grad(), {0.6, 0.8}, 1e-6) && line.parameters().size() == 2);
}

int main() {
    const int64_t before = tw_live_handles();
    tensors();
    gradients();
    least_squares();
    training();
    functions();
    stopping();
    test_arrays();
    test_matrices();
    test_calculus();
    test_regressions();
    test_designs();
    test_training();
    test_descents();
    test_blocks();
    test_layers();
    test_basics();
    test_sequences();
    EXPECT(tw_live_handles() == before);
    std::cout << (problems == 0 ? "ok" : "failed") << '\n';
    return problems > 0;
}
