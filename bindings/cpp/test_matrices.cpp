// Products, linear algebra, singular values: small matrices whose factors are known.
#include "test.hpp"

static const double root2 = std::sqrt(2.0);

static void products() {
    Tensor a = {{1, 2}, {3, 4}}, v = {1, 2, 3}, w = {4, 5, 6};
    EXPECT(is(einsum("ij,jk->ki", {a, a}), {7, 15, 10, 22}) && einsum("ii", {a}).item() == 5);
    EXPECT(tensordot(a, a).item() == 30 && is(tensordot(a, a, 1), {7, 10, 15, 22}));
    EXPECT(is(tensordot(a, a, Shape{0}, Shape{1}), {7, 15, 10, 22})); // sum over i of a[i, r] a[c, i]
    EXPECT(throws(TW_ERROR_INVALID_ARGUMENT, [&] { tensordot(a, a, Shape{0}, Shape{0, 1}); }));
    EXPECT(throws(TW_ERROR_INVALID_ARGUMENT, [&] { einsum("ij,jk->", {a}); }));
    EXPECT(vecdot(v, w).item() == 32 && is(vecdot(a, a, 0), {10, 20}));
    EXPECT(is(outer(Tensor{1, 2}, v), {1, 2, 3, 2, 4, 6}));
    EXPECT(is(cross(Tensor{1, 0, 0}, Tensor{0, 1, 0}), {0, 0, 1}));
    EXPECT(is(kron(Tensor{1, 2}, Tensor{1, 10}), {1, 10, 2, 20}));
    EXPECT(is(diagonal(a), {1, 4}) && is(diagonal(a, 1), {2}) && trace(a).item() == 5 && trace(a, -1).item() == 3);
    EXPECT(is(diag_embed(Tensor{1, 2}, 1), {0, 1, 0, 0, 0, 2, 0, 0, 0}));
}

static void factors() {
    Tensor s = {{4, 2}, {2, 3}}, lower = cholesky(s);
    EXPECT(near(lower, {2, 0, 1, root2}) && near(cholesky(s, true), {2, 1, 0, root2}));
    EXPECT(throws(TW_ERROR_NUMERIC, [] { cholesky(Tensor{{1, 2}, {2, 1}}); }));
    EXPECT(throws(TW_ERROR_DTYPE, [] { cholesky(eye(2, 2, TW_INT32)); }));

    Tensor x = {{3, 1}, {4, 7}, {0, 2}}; // the first column has norm 5
    auto [q, r] = qr(x);
    EXPECT(q.shape() == (Shape{3, 2}) && r.shape() == (Shape{2, 2}) && near(std::fabs(r(0, 0).item()), 5));
    EXPECT(near(matmul(q, r), x.to_vector()) && near(matmul(q.transpose(), q), {1, 0, 0, 1}) && r(1, 0).item() == 0);
    EXPECT(qr(x, true).q.shape() == (Shape{3, 3}));
    auto [pq, pr, order] = qr_pivoted(x);
    EXPECT(is(order, {1, 0})); // the second has norm sqrt(54)
    EXPECT(near(matmul(pq, pr), x.index_select(1, order).to_vector()));
    auto [both, pivots] = lu(Tensor{{1, 2}, {3, 4}});
    EXPECT(near(both, {3, 4, 1.0 / 3, 2.0 / 3}) && is(pivots, {1, 1}));
}

static void systems() {
    Tensor s = {{4, 2}, {2, 3}};
    EXPECT(near(solve(s, Tensor{8, 7}), {1.25, 1.5}) && near(inv(s), {0.375, -0.25, -0.25, 0.5}));
    EXPECT(near(solve_triangular(Tensor{{2, 0}, {1, 4}}, Tensor{2, 9}, false), {1, 2}));
    EXPECT(near(solve_triangular(Tensor{{2, 0}, {1, 4}}, Tensor{4, 8}, false, true), {1, 2}));
    EXPECT(near(solve_triangular(Tensor{{9, 3}, {0, 9}}, Tensor{7, 2}, true, false, true), {1, 2}));
    EXPECT(throws(TW_ERROR_NUMERIC, [] { solve(Tensor{{1, 2}, {2, 4}}, Tensor{1, 1}); }));
    EXPECT(throws(TW_ERROR_NUMERIC, [] { inv(zeros({2, 2})); }));
    EXPECT(near(det(s).item(), 8));
    auto [sign, log_magnitude] = slogdet(Tensor{{0, 2}, {4, 0}});
    EXPECT(sign.item() == -1 && near(log_magnitude.item(), std::log(8.0)));
    EXPECT(near(matrix_power(s, 2), {20, 14, 14, 13}) && near(matrix_power(s, -1), inv(s).to_vector()));
    s.requires_grad();
    EXPECT(near(grad(det(s), {s})[0], {3, -2, -2, 4})); // the cofactors
}

static void spectra() {
    Tensor s = {{2, 1}, {1, 2}};
    auto [values, vectors] = eigh(s);
    EXPECT(near(values, {1, 3}) && near(eigvalsh(s), {1, 3}));
    EXPECT(near(matmul(vectors * values, vectors.transpose()), s.to_vector()));
    Tensor x = {{3, 0}, {0, -4}, {0, 0}};
    auto [u, sigma, vh] = svd(x);
    EXPECT(near(sigma, {4, 3}) && near(svdvals(x), {4, 3}) && u.shape() == (Shape{3, 2}));
    EXPECT(near(matmul(u * sigma, vh), x.to_vector()) && svd(x, true).u.shape() == (Shape{3, 3}));
    EXPECT(near(pinv(Tensor{1, 2}.reshape({2, 1})), {0.2, 0.4}));
    EXPECT(matrix_rank(Tensor{{1, 2}, {2, 4}}).item_int64() == 1);
    EXPECT(matrix_rank(Tensor{{1, 0}, {0, 0.5}}, 0.75).item_int64() == 1);
    EXPECT(near(pinv(Tensor{{1, 0}, {0, 0.5}}, 0.75), {1, 0, 0, 0}));
    EXPECT(throws(TW_ERROR_NUMERIC, [] { svd(Tensor{{NAN, 1}}); }));

    Tensor m = {{1, -2}, {3, 4}};
    EXPECT(near(matrix_norm(m).item(), std::sqrt(30.0)) && matrix_norm(m, TW_MATRIX_NORM_ONE).item() == 6);
    EXPECT(matrix_norm(m, TW_MATRIX_NORM_INFINITY, true).shape() == (Shape{1, 1}));
    EXPECT(near(matrix_norm(x, TW_MATRIX_NORM_NUCLEAR).item(), 7));
    EXPECT(near(vector_norm(Tensor{3, -4}).item(), 5) && near(vector_norm(Tensor{3, -4}, 1).item(), 7));
    EXPECT(is(vector_norm(m, INFINITY, {1}), {2, 4}) && vector_norm(Tensor{3, 0}, 0).item() == 1);
}

void test_matrices() {
    products();
    factors();
    systems();
    spectra();
}
