// Elements: operators, random numbers, keys, searching, runs, DLPack. Values worked out by hand.
#include "test.hpp"

#include <algorithm>
#include <limits>

static Tensor whole(const std::vector<int64_t> &values) { return Tensor(values); }

static void operators() {
    Tensor a = whole({6, 3}), b = whole({3, 5});
    EXPECT(is(a & b, {2, 1}) && is(a | b, {7, 7}) && is(a ^ b, {5, 6}) && is(~a, {-7, -4}));
    EXPECT(is(bitwise_left_shift(a, whole({1, 2})), {12, 12}) && is(bitwise_right_shift(a, whole({1, 1})), {3, 1}));
    EXPECT(is(Tensor{-7, 7} % Tensor{3, -3}, {2, -2}));
    Tensor halves = 2.0 / Tensor(std::vector<float>{1, 4});
    EXPECT(is(halves, {2, 0.5}) && halves.dtype() == TW_FLOAT32 && is(2.0 / a, {2.0 / 6, 2.0 / 3}));
    Tensor x = {1, 2, 3}, name = x;
    x += name;
    x *= 3.0;
    x -= 1.0;
    x /= Tensor{5, 11, 17};
    EXPECT(is(x, {1, 1, 1}) && is(name, {1, 2, 3}));
    EXPECT(is(clip(name, 1.5, 2.5), {1.5, 2, 2.5}) && is(clip(name, Tensor(), Tensor(2.0)), {1, 2, 2}));
    EXPECT(is(signbit(Tensor{-0.0, 1}), {1, 0}));
    EXPECT(is(nextafter(Tensor(1.0), Tensor(2.0)), {1 + std::numeric_limits<double>::epsilon()}));
    EXPECT(near(standard_deviation(name).item(), std::sqrt(2.0 / 3)));
    EXPECT(near(standard_deviation(name, {0}, true, 1), {1}));
    EXPECT(is(sum(name, Shape{}), {1, 2, 3})); // over no axis, not over all
    EXPECT(is(pad(name, {{1, 2}}, TW_PAD_EDGE), {1, 1, 2, 3, 3, 3}) && is(pad(name, {{0, 1}}), {1, 2, 3, 0}));
    EXPECT(is(roll(Tensor{{1, 2}, {3, 4}}, Shape{1, 1}, Shape{0, 1}), {4, 3, 2, 1}));
    EXPECT(throws(TW_ERROR_INVALID_ARGUMENT, [&] { roll(name, Shape{1, 2}, Shape{0}); }));
    EXPECT(name.to_literal() == "[1., 2., 3.]");
    EXPECT(Tensor(std::vector<uint64_t>{UINT64_MAX}).item_uint64() == UINT64_MAX);
    EXPECT(is(arange_int64(5, 0, -2), {5, 3, 1}) && scalar(3, TW_INT8).dtype() == TW_INT8);
    EXPECT(version() == TW_VERSION_STRING && !build_info().empty() && num_threads() >= 1);
}

static void at_random() {
    Generator generator(7);
    const std::vector<double> dice = random_integers({600}, 1, 7, &generator).to_vector();
    EXPECT(*std::min_element(dice.begin(), dice.end()) == 1 && *std::max_element(dice.begin(), dice.end()) == 6);
    EXPECT(is(sort(random_permuted(Tensor{3, 1, 2}, 0, &generator)), {1, 2, 3}));
    EXPECT(is(random_bernoulli(Tensor{0, 1}, &generator), {0, 1}));
    EXPECT(is(random_categorical(Tensor{0, 1, 0}, 3, true, &generator), {1, 1, 1}));
    EXPECT(is(random_categorical_logits(Tensor{-INFINITY, 0}, 1, false, &generator), {1}));
    EXPECT(min(random_exponential({100}, &generator)).item() >= 0);
    Generator again(7);
    EXPECT(random_integers({600}, 1, 7, &again).to_vector() == dice);
}

static void memory() {
    auto owner = std::make_shared<std::vector<double>>(std::vector<double>{1, 2, 3, 4});
    std::weak_ptr<std::vector<double>> alive = owner;
    Tensor columns = borrow(owner->data(), {2, 2}, owner, {1, 2});
    owner.reset();
    EXPECT(is(columns, {1, 3, 2, 4}) && !alive.expired());
    EXPECT(throws(TW_ERROR_SHAPE, [&] { borrow(alive.lock()->data(), {2, 2}, alive.lock(), {1}); }));

    double total = 0;
    int64_t count = 0;
    for (auto run : runs<const double>(columns.slice(0, 0, 1))) // 1 and 3, two elements apart
        for (int64_t i = 0; i < run.count; ++i, ++count) total += run[i];
    EXPECT(total == 4 && count == 2);
    for (auto run : runs<double>(columns))
        for (int64_t i = 0; i < run.count; ++i) run[i] *= 10;
    EXPECT(is(columns, {10, 30, 20, 40}));
    EXPECT(throws(TW_ERROR_DTYPE, [&] { runs<float>(columns); }));
    columns = Tensor();
    EXPECT(alive.expired());
}

static int deleted = 0;

static void dlpack() {
    Tensor x = {1, 2, 3};
    ManagedTensor managed = to_dlpack(x.slice(0, 1));
    EXPECT(layout(managed).ndim == 1 && layout(managed).shape[0] == 2 && layout(managed).dtype.bits == 64);
    Tensor y = from_dlpack(std::move(managed));
    EXPECT(!managed && is(y, {2, 3}) && y.data() == static_cast<const double *>(x.data()) + 1);
    LegacyManagedTensor legacy = to_dlpack_legacy(x);
    EXPECT(layout(legacy).ndim == 1 && from_dlpack(std::move(legacy)).data() == x.data());
    { ManagedTensor unused = to_dlpack(x); } // deletes it
    Tensor leaf = {1};
    leaf.requires_grad();
    EXPECT(throws(TW_ERROR_STATE, [&] { to_dlpack(leaf); }));
    tw_dl_managed_tensor_versioned other = {};
    other.major = 9;
    other.deleter = [](tw_dl_managed_tensor_versioned *) { ++deleted; };
    EXPECT(throws(TW_ERROR_UNSUPPORTED, [&] {
        from_dlpack(ManagedTensor(reinterpret_cast<DLManagedTensorVersioned *>(&other)));
    }));
    EXPECT(deleted == 1);
}

static void keys() {
    Tensor m = {{1, 2, 3}, {4, 5, 6}};
    EXPECT(is(m(0), {1, 2, 3}) && is(m(Slice(), -1), {3, 6}) && is(m(Ellipsis(), 1), {2, 5}) && m(1, 2).item() == 6);
    Tensor turned = m(Slice({}, {}, -1), NewAxis());
    EXPECT(turned.shape() == (Shape{2, 1, 3}) && is(turned, {4, 5, 6, 1, 2, 3}));
    EXPECT(is(m(Slice(0, 1), Slice({}, -1)), {1, 2}) && is(m(Slice(), Slice(0, {}, 2)), {1, 3, 4, 6}));
    EXPECT(is(m(greater(m, 2)), {3, 4, 5, 6}) && is(m(whole({1, 0}), 2), {6, 3}));
    EXPECT(is(index(m, {1, Slice(1)}), {5, 6}) && m(0).data() == m.data()); // a view
    EXPECT(throws(TW_ERROR_INDEX, [&] { m(5); }) && throws(TW_ERROR_INDEX, [&] { m(0, 0, 0); }));
    static_assert(!std::is_assignable<Tensor, Tensor>::value, "x(0) = y would be lost");
    static_assert(std::is_assignable<Tensor &, Tensor>::value, "x = y goes");

    Tensor x = copy(m);
    index_assign(x, {0, Slice(1)}, Tensor{8, 9});
    EXPECT(is(x, {1, 8, 9, 4, 5, 6}));
    EXPECT(is(index_put(m, {Slice(), 0}, Tensor(7.0)), {7, 2, 3, 7, 5, 6}));
    EXPECT(is(index_put(m, {whole({0, 0})}, Tensor(1.0), true), {3, 4, 5, 4, 5, 6}) && is(m(0), {1, 2, 3}));
    mask_assign(x, greater(x, 7), Tensor(0.0));
    EXPECT(is(x, {1, 0, 0, 4, 5, 6}) && is(mask_select(x, equal(x, 0)), {0, 0}));
    EXPECT(is(take_along_axis(m, whole({2, 0}).reshape({2, 1}), 1), {3, 4}));
    Tensor y = {1, 2, 3};
    EXPECT(is(scatter(y, 0, whole({2, 0}), Tensor{8, 9}), {9, 2, 8}));
    EXPECT(is(scatter_add(y, 0, whole({2, 2}), Tensor{8, 9}), {1, 2, 20}));
    EXPECT(is(index_add(m, 0, whole({1}), Tensor{{1, 1, 1}}), {1, 2, 3, 5, 6, 7}));
    m.requires_grad();
    sum(square(m(0, Slice(1)))).backward();
    EXPECT(is(m.grad(), {0, 4, 6, 0, 0, 0}));
}

static void searching() {
    EXPECT(is(searchsorted(Tensor{1, 3, 5}, Tensor{3, 4}), {1, 2}));
    EXPECT(is(searchsorted(Tensor{1, 3, 5}, Tensor{3, 4}, true), {2, 2}));
    EXPECT(is(searchsorted(Tensor{5, 1, 3}, Tensor{3, 4}, false, whole({1, 2, 0})), {1, 2}));
    Tensor some = nonzero(Tensor{{0, 7}, {8, 0}});
    EXPECT(some.shape() == (Shape{2, 2}) && is(some, {0, 1, 1, 0}));
    EXPECT(count_nonzero(Tensor{0, 7, 8}).item_int64() == 2 && is(count_nonzero(Tensor{{0, 7}, {8, 9}}, {1}), {1, 2}));
    auto [values, indices, inverse, counts] = unique(Tensor{3, 1, 3});
    EXPECT(is(values, {1, 3}) && is(indices, {1, 0}) && is(inverse, {1, 0, 1}) && is(counts, {1, 2}));
    EXPECT(is(unique_values(Tensor{2, 2}), {2}));
    EXPECT(is(isin(Tensor{1, 2}, Tensor{2, 3}), {0, 1}) && is(isin(Tensor{1, 2}, Tensor{2, 3}, true), {1, 0}));
    auto [greatest, places] = top_k(Tensor{5, 1, 7}, 2);
    EXPECT(is(greatest, {7, 5}) && is(places, {2, 0}) && is(top_k(Tensor{5, 1, 7}, 1, 0, false).values, {1}));
    EXPECT(is(one_hot(whole({1, 0}), 3), {0, 1, 0, 1, 0, 0}));
    EXPECT(throws(TW_ERROR_INDEX, [] { one_hot(whole({3}), 3); }));
    EXPECT(throws(TW_ERROR_INVALID_ARGUMENT, [] { top_k(Tensor{1}, 2); }));
}

void test_arrays() {
    operators();
    at_random();
    memory();
    dlpack();
    keys();
    searching();
}
