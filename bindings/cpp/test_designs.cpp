// Constraints, errors of X, covariances of rows, design matrices: worked out by hand.
#include "test.hpp"

/** An exception of the caller's. */
struct Misfit {};

static const Tensor unit = {{1, 0}, {0, 1}};

static void constraints() {
    // Of b near (-1, 2), none below 0: g = b - y = (1, 0) stands against the first bound.
    const Tensor zero = 0.0;
    tw_constrained_options options = TW_CONSTRAINED_OPTIONS_INIT;
    options.intercept = false;
    options.lower = zero.get();
    ConstrainedResult fit = constrained_lstsq(unit, Tensor{-1, 2}, options);
    EXPECT(near(fit.coefficients(), {0, 2}) && is(fit.active(), {-1, 0}) && near(fit.bound_multipliers(), {1, 0}));
    EXPECT(near(fit.rss().item(), 1) && fit.intercept().item() == 0 && fit.optimality().item() < 1e-12);
    EXPECT(fit.iterations() >= 0 && fit.stop_reason() != TW_STOP_ITERATIONS && near(fit.predict(unit), {0, 2}));
    // b0 + b1 = 1 nearest to (1, 2): (0, 1), with g = (-1, -1).
    const Tensor sum = {{1, 1}}, one = {1};
    options = TW_CONSTRAINED_OPTIONS_INIT;
    options.intercept = false;
    options.equality_matrix = sum.get();
    options.equality_values = one.get();
    fit = constrained_lstsq(unit, Tensor{1, 2}, options);
    EXPECT(near(fit.coefficients(), {0, 1}) && near(fit.equality_multipliers(), {1}));
    options.inequality_matrix = options.equality_matrix;
    options.inequality_values = options.equality_values;
    options.equality_matrix = options.equality_values = nullptr;
    fit = constrained_lstsq(unit, Tensor{1, 2}, options);
    EXPECT(near(fit.coefficients(), {0, 1}) && near(fit.inequality_multipliers(), {1}));
    const Tensor two = {1, 2};
    options.inequality_values = two.get();
    EXPECT(throws(TW_ERROR_SHAPE, [&] { constrained_lstsq(unit, Tensor{1, 2}, options); }));
}

static void errors_of_all_columns() {
    // (0, 0), (1, 1), (2, 0) about (1, 1/3): Sxx = 2, Syy = 2/3, Sxy = 0.
    TotalResult fit = total_least_squares(Tensor{0, 1, 2}, Tensor{0, 1, 0});
    EXPECT(near(fit.coefficients(), {0}) && near(fit.intercept().item(), 1. / 3) && fit.rank() == 1);
    EXPECT(near(fit.singular_values(), {std::sqrt(2.0), std::sqrt(2. / 3)}));
    EXPECT(near(fit.correction_norm(), std::sqrt(2. / 3)) && near(fit.predict(Tensor{7}), {1. / 3}));
    EXPECT(throws(TW_ERROR_SHAPE, [] { total_least_squares(Tensor{0, 1}, Tensor{1}); }));
}

static void covariances_of_rows() {
    // Variances 1 and 4: the mean of 1 and 6 with weights 1 and 1/4.
    tw_lstsq_options options = TW_LSTSQ_OPTIONS_INIT;
    options.intercept = false;
    EXPECT(near(gls(ones({2, 1}, TW_FLOAT64), Tensor{1, 6}, Tensor{1, 4}).coefficients(), {2}));
    EXPECT(near(whiten(Tensor{1, 4}, Tensor{1, 6}), {1, 3}));
    options.method = TW_LSTSQ_SVD;
    LstsqResult fit = lstsq(Tensor{{3, 0}, {0, 4}, {0, 0}}, Tensor{3, 8, 1}, options);
    EXPECT(near(fit.singular_values(), {4, 3}) && near(fit.coefficients(), {1, 2}));
    EXPECT(throws(TW_ERROR_STATE, [] { lstsq(Tensor{1, 2}, Tensor{1, 2}).singular_values(); }));
}

static void designs() {
    Basis waves = fourier_basis(4, 1, true);
    EXPECT(waves.columns() == 3 && near(waves(Tensor{0, 1}), {1, 0, 1, 1, 1, 0}, 1e-15) && waves.knots().count() == 0);
    tw_polynomial_options powers = TW_POLYNOMIAL_OPTIONS_INIT;
    powers.degree = 2;
    powers.family = TW_POLYNOMIAL_MONOMIAL;
    powers.scaled = false;
    EXPECT(is(polynomial_basis(Tensor{{0, 1}, {2, 3}}, powers)(Tensor{{2, 3}}), {2, 3, 4, 6, 9}));
    const Tensor knot = {1};
    tw_spline_options hats = TW_SPLINE_OPTIONS_INIT;
    hats.degree = 1;
    hats.knots = knot.get();
    hats.constant = true;
    Basis spline = spline_basis(Tensor{0, 2}, hats);
    EXPECT(near(spline(Tensor{0.25}), {0.75, 0.25, 0}) && is(spline.knots(), {0, 0, 1, 2, 2}));
    EXPECT(near(radial_basis(Tensor{0, 3}, TW_RADIAL_CUBIC, 2)(Tensor{1}), {0.125, 1}));
    EXPECT(is(difference_matrix(3, 1), {-1, 1, 0, 0, -1, 1}));
    auto held = std::make_shared<double>(10);
    {
        Basis own = callback_basis(1, 2, [held](int64_t rows, const double *x, double *out) {
            for (int64_t i = 0; i < rows; ++i) {
                if (x[i] < 0) throw Misfit();
                out[2 * i] = *held * x[i], out[2 * i + 1] = x[i] * x[i];
            }
        });
        EXPECT(is(own(Tensor{2, 3}), {20, 4, 30, 9}) && held.use_count() == 2);
        EXPECT(throws_own<Misfit>([&] { own(Tensor{2, -3}); }));
        EXPECT(throws(TW_ERROR_INVALID_ARGUMENT, [&] {
            callback_basis(0, 2, [held](int64_t, const double *, double *) {});
        }));
    }
    EXPECT(held.use_count() == 1);
}

void test_designs() {
    constraints();
    errors_of_all_columns();
    covariances_of_rows();
    designs();
}
