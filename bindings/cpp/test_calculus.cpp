// Derivatives in closed form; the caller's functions inside the tape, and what they throw.
#include "test.hpp"

#include <memory>

/** An exception of the caller's, of no class that the library knows. */
struct Stop {
    int code;
};

static Tensor leaf(std::initializer_list<double> values) { return Tensor(values).requires_grad(); }

static void whole_derivatives() {
    Tensor x = leaf({2, 3}), y = leaf({5, 7});
    Tensor f = x * square(y), g = x + y; // df = y^2 dx + 2 x y dy, dg = dx + dy
    Tensors moved = jvp({f, g}, {x, y}, {Tensor{1, 0}, Tensor{0, 1}});
    EXPECT(is(moved[0], {25, 42}) && is(moved[1], {1, 1}));
    Tensors back = vjp({f, g}, {x, y}, {Tensor{1, 0}, Tensor{10, 10}});
    EXPECT(is(back[0], {35, 10}) && is(back[1], {30, 10}));
    EXPECT(throws(TW_ERROR_INVALID_ARGUMENT, [&] { jvp({f}, {x, y}, {Tensor{1, 0}}); }));
    EXPECT(throws(TW_ERROR_INVALID_ARGUMENT, [&] { vjp({f}, {x}, {}); }));
    EXPECT(throws(TW_ERROR_SHAPE, [&] { vjp({f}, {x}, {Tensor{1}}); }));

    Tensor h = x * sum(x); // h_i = x_i (x0 + x1)
    for (tw_differentiation_mode mode : {TW_MODE_AUTOMATIC, TW_MODE_REVERSE, TW_MODE_FORWARD}) {
        tw_derivative_options options = TW_DERIVATIVE_OPTIONS_INIT;
        options.mode = mode;
        Tensor jacobian = talweg::jacobian(h, {x}, options)[0];
        EXPECT(jacobian.shape() == (Shape{2, 2}) && is(jacobian, {7, 2, 3, 8}));
    }
    Tensor z = leaf({4}), e = sum(h * z); // z (x0 + x1)^2
    std::vector<Tensors> second = hessian(e, {x, z});
    EXPECT(second.size() == 2 && is(second[0][0], {8, 8, 8, 8}) && is(second[0][1], {10, 10}));
    EXPECT(second[1][0].shape() == (Shape{1, 2}) && is(second[1][1], {0}));
    EXPECT(is(hvp(e, {x}, {Tensor{1, 2}})[0], {24, 24}));
}

static void switches() {
    Tensor x = leaf({1});
    NoGrad off;
    EXPECT(!grad_enabled() && !square(x).is_recorded());
    {
        EnableGrad on;
        EXPECT(grad_enabled() && square(x).is_recorded());
    }
    EXPECT(!grad_enabled());
}

static void custom_operations() {
    Tensors seen;
    CustomOperation cube(
        "cube", [](const Tensors &x) { return x[0] * x[0] * x[0]; },
        [&seen](const CustomPass &p) {
            EXPECT(p.wanted == std::vector<bool>{true});
            seen = {p.inputs[0], p.outputs[0], p.gradients[0]};
            return p.gradients[0] * square(p.inputs[0]) * 3.0;
        });
    Tensor x = leaf({2, 3}), y = cube({x})[0];
    EXPECT(is(y, {8, 27}));
    tw_grad_options options = TW_GRAD_OPTIONS_INIT;
    options.create_graph = true;
    Tensor first = grad(sum(y), {x}, options)[0];
    EXPECT(is(first, {12, 27}) && is(grad(sum(first), {x})[0], {12, 18}));
    EXPECT(is(seen[0], {2, 3}) && is(seen[1], {8, 27}) && is(seen[2], {1, 1})); // kept beyond the call
    seen.clear();
    EXPECT(is(jvp({cube({x})[0]}, {x}, {Tensor{1, 0}})[0], {12, 0})); // by transposing
    seen.clear();

    // Two inputs and outputs; a view among the results; a gradient that is left out; a tangent.
    CustomOperation both(
        "both", [](const Tensors &in) { return Tensors{in[0].transpose(), in[0] * in[1]}; },
        [](const CustomPass &p) {
            EXPECT(!p.gradients[0] && p.gradients[1]);
            return Tensors{p.gradients[1] * p.inputs[1], Tensor()};
        },
        [](const CustomPass &p) {
            EXPECT(p.gradients[0] && !p.gradients[1]);
            return Tensors{p.gradients[0].transpose(), p.gradients[0] * p.inputs[1]};
        });
    Tensor a = Tensor{{1, 2}, {3, 4}}.requires_grad(), b = Tensor{{5, 6}, {7, 8}}.requires_grad();
    Tensors out = both({a, b});
    EXPECT(out.size() == 2 && is(out[0], {1, 3, 2, 4}) && out[0].strides() == (Shape{1, 2}));
    EXPECT(is(jvp(out, {a}, {Tensor{{1, 0}, {0, 0}}})[1], {5, 0, 0, 0}));
    sum(out[1]).backward();
    EXPECT(is(a.grad(), {5, 6, 7, 8}) && !b.has_grad());

    // What the functions hold goes with the tape.
    auto held = std::make_shared<int>(1);
    {
        Tensor z = CustomOperation("held", [held](const Tensors &in) { return in[0] * 1.0; },
                                   [](const CustomPass &p) { return p.gradients[0]; })({x})[0];
        EXPECT(held.use_count() == 2);
    }
    EXPECT(held.use_count() == 1);
}

static void what_is_thrown() {
    Tensor x = leaf({2, 3});
    const auto identity = [](const CustomPass &p) { return p.gradients[0]; };
    CustomOperation forward("forward", [](const Tensors &) -> Tensor { throw Stop{1}; }, identity);
    EXPECT(throws_own<Stop>([&] { forward({x}); }));
    CustomOperation backward("backward", [](const Tensors &in) { return in[0] * 1.0; },
                             [](const CustomPass &) -> Tensor { throw Stop{2}; });
    int code = 0;
    try {
        sum(backward({x})[0]).backward();
    } catch (const Stop &stop) {
        code = stop.code;
    }
    EXPECT(code == 2 && !x.has_grad());
    // The library's own errors keep their status, and nothing of before comes with a later failure.
    CustomOperation shapes("shapes", [](const Tensors &in) { return matmul(in[0], Tensor{1, 2, 3}); }, identity);
    EXPECT(throws(TW_ERROR_SHAPE, [&] { shapes({x}); }));
    EXPECT(throws(TW_ERROR_NULL, [] { exp(Tensor()); }));
    CustomOperation many("many", [](const Tensors &in) { return Tensors(65, in[0]); }, identity);
    EXPECT(throws(TW_ERROR_INVALID_ARGUMENT, [&] { many({x}); }));
    // One that is caught within the callback is over.
    CustomOperation caught("caught", [&](const Tensors &in) {
        EXPECT(throws_own<Stop>([&] { forward(in); }));
        return in[0] * 1.0;
    }, identity);
    EXPECT(is(caught({x})[0], {2, 3}));
    // tw_... in between, whose failure is not thrown, leaves the next one's status alone.
    Module stops = Function([](const Tensor &) -> Tensor { throw Stop{3}; });
    tw_tensor *lost = tw_module_forward(nullptr, stops.get(), x.get());
    EXPECT(lost == nullptr && throws(TW_ERROR_NULL, [] { exp(Tensor()); }));
}

static void checkpoints() {
    Tensor x = leaf({2, 3});
    int calls = 0;
    const auto cube = [&calls](const Tensors &in) {
        ++calls;
        return in[0] * square(in[0]);
    };
    Tensor y = checkpoint(cube, {x});
    EXPECT(is(y, {8, 27}) && calls == 1);
    sum(y).backward();
    EXPECT(is(x.grad(), {12, 27}) && calls == 2);
    Tensors two = checkpoint([](const Tensors &in) { return Tensors{in[0] + 1.0, in[0] * 2.0}; }, {x});
    EXPECT(two.size() == 2 && is(two[0], {3, 4}) && is(two[1], {4, 6}));
    bool again = false;
    Tensor z = checkpoint([&again](const Tensors &in) {
        if (std::exchange(again, true)) throw Stop{4};
        return square(in[0]);
    }, {x});
    EXPECT(throws_own<Stop>([&] { sum(z).backward(); }));
}

static void hooks() {
    Tensor x = leaf({1, 2}), y = square(x), seen;
    const uint64_t number = add_hook(y, [&seen](const Tensor &gradient) { seen = gradient; });
    add_hook(x, [](const Tensor &gradient) { return gradient * 10.0; });
    add_hook(x, [](const Tensor &) { return Tensor(); }); // leaves it
    sum(y).backward();
    EXPECT(is(seen, {1, 1}) && is(x.grad(), {20, 40}));
    seen = Tensor();
    Tensor z = square(x);
    const uint64_t other = add_hook(z, [&seen](const Tensor &gradient) { seen = gradient; });
    remove_hook(z, other);
    remove_hook(y, number);
    sum(z).backward();
    EXPECT(!seen);
    EXPECT(throws(TW_ERROR_STATE, [] { add_hook(Tensor{1}, [](const Tensor &) {}); }));
    Tensor w = square(x);
    add_hook(w, [](const Tensor &) { throw Stop{5}; });
    EXPECT(throws_own<Stop>([&] { grad(sum(w), {x}); }));
    auto held = std::make_shared<int>(1);
    { add_hook(leaf({1}), [held](const Tensor &) {}); }
    EXPECT(held.use_count() == 1);
}

static void finding_mistakes() {
    {
        AnomalyMode on;
        EXPECT(anomaly_mode() && throws(TW_ERROR_NUMERIC, [] { log(Tensor{-1}); }));
    }
    EXPECT(!anomaly_mode() && std::isnan(log(Tensor{-1}).item()));
    tw_gradient_check_options options = TW_GRADIENT_CHECK_OPTIONS_INIT;
    options.second_order = true;
    tw_gradient_check good = check_gradients([](const Tensors &in) { return sin(in[0]) * in[1]; },
                                             {Tensor{0.5, 1}, Tensor{2, 3}}, options);
    EXPECT(good.passed && good.compared == 4 + 2 + 2 && good.excess <= 1);
    CustomOperation wrong("wrong", [](const Tensors &in) { return square(in[0]); },
                          [](const CustomPass &p) { return p.gradients[0] * p.inputs[0] * 3.0; });
    tw_gradient_check bad = check_gradients([&](const Tensors &in) { return wrong(in); }, {Tensor{1}});
    EXPECT(!bad.passed && near(bad.derivative / bad.difference, 1.5, 1e-6));
    EXPECT(throws_own<Stop>([] { check_gradients([](const Tensors &) -> Tensor { throw Stop{6}; }, {Tensor{1}}); }));
}

void test_calculus() {
    whole_derivatives();
    switches();
    custom_operations();
    what_is_thrown();
    checkpoints();
    hooks();
    finding_mistakes();
}
