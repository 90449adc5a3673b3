/* Mixed precision: products of rounded factors. */
#include "check.h"

/* x rounded to bfloat16, to the nearest and ties to even. */
static float rounded(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    bits = (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff0000u;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* The switch gives what it was, and holds for this thread until it is set again. */
static void the_switch(void) {
    CHECK(!tw_mixed_precision());
    CHECK(!tw_set_mixed_precision(true));
    CHECK(tw_mixed_precision());
    CHECK(tw_set_mixed_precision(false));
    CHECK(!tw_mixed_precision());
}

/* 1/3 and 1/5 are not bfloat16 numbers: what is multiplied tells which were rounded. */
static void factors_are_rounded(void) {
    tw_scope *s = tw_scope_new();
    float third = 1.0f / 3, fifth = 1.0f / 5, seventh = 1.0f / 7;
    tw_tensor *x = tw_tensor_from_data(s, &third, TW_FLOAT32, SIZES(1, 1));
    tw_tensor *w = tw_tensor_from_data(s, &fifth, TW_FLOAT32, SIZES(1, 1));
    tw_tensor *b = tw_tensor_from_data(s, &seventh, TW_FLOAT32, SIZES(1));
    OK(tw_tensor_set_requires_grad(x, true));
    OK(tw_tensor_set_requires_grad(w, true));
    OK(tw_tensor_set_requires_grad(b, true));
    tw_set_mixed_precision(true);
    tw_tensor *y = tw_linear(s, x, w, b), *z = tw_matmul(s, x, w);
    tw_set_mixed_precision(false);
    CHECK(dtype_of(y) == TW_FLOAT32 && dtype_of(z) == TW_FLOAT32);
    float product = rounded(third) * rounded(fifth);
    NEAR(item(y), product + seventh, 1e-7);
    NEAR(item(z), product, 1e-7);
    CHECK(fabsf((float)item(z) - third * fifth) > 1e-5f);
    /* The gradients come after the switch is off, and are those of the rounded factors. */
    OK(tw_backward(s, y));
    NEAR(item(tw_tensor_grad(s, x)), rounded(fifth), 1e-7);
    NEAR(item(tw_tensor_grad(s, w)), rounded(third), 1e-7);
    NEAR(item(tw_tensor_grad(s, b)), 1, 0);
    CHECK(dtype_of(tw_tensor_grad(s, w)) == TW_FLOAT32);
    OK(tw_scope_status(s));
    tw_scope_free(s);
}

/* float64 and bfloat16 are left as they are. */
static void other_types_are_left_alone(void) {
    tw_scope *s = tw_scope_new();
    tw_set_mixed_precision(true);
    tw_tensor *y = tw_matmul(s, MATRIX(s, 1, 1, 1.0 / 3), MATRIX(s, 1, 1, 1.0 / 7));
    tw_set_mixed_precision(false);
    CHECK(dtype_of(y) == TW_FLOAT64);
    NEAR(item(y), 1.0 / 21, 1e-15);
    tw_scope_free(s);
}

int main(void) {
    RUN(the_switch);
    RUN(factors_are_rounded);
    RUN(other_types_are_left_alone);
    return check_report();
}
