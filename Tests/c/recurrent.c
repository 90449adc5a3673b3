/* LSTM and GRU. The oracle is one unit worked out in plain C. */
#include "check.h"

static double logistic(double x) { return 1 / (1 + exp(-x)); }

/* One unit, one feature: gate k of an LSTM is wx[k] x + wh[k] h + b[k]. */
static const double wx[4] = {0.5, -0.3, 0.8, 0.2}, wh[4] = {0.1, 0.4, -0.6, 0.9}, b[4] = {0.05, -0.1, 0.2, 0.3};
static const double inputs[3] = {1, -2, 0.5};

static tw_recurrent_weights weights_of(tw_scope *s, int64_t gates) {
    tw_recurrent_weights weights = TW_RECURRENT_WEIGHTS_INIT;
    weights.w_ih = tw_tensor_from_data(s, wx, TW_FLOAT64, SIZES(gates, 1));
    weights.w_hh = tw_tensor_from_data(s, wh, TW_FLOAT64, SIZES(gates, 1));
    weights.b_ih = tw_tensor_from_data(s, b, TW_FLOAT64, SIZES(gates));
    return weights;
}

static void lstm(void) {
    double h = 0.3, c = -0.2, states[3];
    for (int t = 0; t < 3; ++t) {
        double sums[4];
        for (int k = 0; k < 4; ++k) sums[k] = wx[k] * inputs[t] + wh[k] * h + b[k];
        c = logistic(sums[1]) * c + logistic(sums[0]) * tanh(sums[2]);
        states[t] = h = logistic(sums[3]) * tanh(c);
    }
    tw_scope *s = tw_scope_new();
    tw_recurrent_weights weights = weights_of(s, 4);
    tw_tensor *x = tw_tensor_from_data(s, inputs, TW_FLOAT64, SIZES(3, 1, 1));
    tw_tensor *h0 = tw_full(s, SIZES(1, 1), 0.3, TW_FLOAT64), *c0 = tw_full(s, SIZES(1, 1), -0.2, TW_FLOAT64);
    tw_tensor *last = NULL, *cells = NULL;
    tw_tensor *y = tw_lstm(s, x, h0, c0, &weights, false, &last, &cells);
    SHAPE(y, 3, 1, 1);
    VALUES_AT(y, 1e-14, states, 3);
    VALUES(last, 1e-14, h);
    VALUES(cells, 1e-14, c);
    /* Batch first, and without the last ones. */
    y = tw_lstm(s, tw_tensor_from_data(s, inputs, TW_FLOAT64, SIZES(1, 3, 1)), h0, c0, &weights, true, NULL, NULL);
    SHAPE(y, 1, 3, 1);
    VALUES_AT(y, 1e-14, states, 3);
    /* Step by step. */
    tw_tensor *hidden = h0, *cell = c0;
    for (int t = 0; t < 3; ++t)
        hidden = tw_lstm_cell(s, tw_full(s, SIZES(1, 1), inputs[t], TW_FLOAT64), hidden, cell, &weights, &cell);
    VALUES(hidden, 1e-14, h);
    VALUES(cell, 1e-14, c);
    CHECK(tw_scope_status(s) == TW_OK);
    tw_scope_free(s);
    /* Owned by the caller where there is no scope. */
    s = tw_scope_new();
    weights = weights_of(s, 4);
    x = tw_tensor_from_data(s, inputs, TW_FLOAT64, SIZES(3, 1, 1));
    y = tw_lstm(NULL, x, NULL, NULL, &weights, false, &last, NULL);
    SHAPE(last, 1, 1);
    tw_release(y);
    tw_release(last);
    tw_scope_free(s);
}

static void gru(void) {
    double h = 0.3;
    for (int t = 0; t < 3; ++t) {
        double r = logistic(wx[0] * inputs[t] + wh[0] * h + b[0]), z = logistic(wx[1] * inputs[t] + wh[1] * h + b[1]);
        double n = tanh(wx[2] * inputs[t] + b[2] + r * (wh[2] * h));
        h = (1 - z) * n + z * h;
    }
    tw_scope *s = tw_scope_new();
    tw_recurrent_weights weights = weights_of(s, 3);
    tw_tensor *x = tw_tensor_from_data(s, inputs, TW_FLOAT64, SIZES(3, 1, 1)), *last = NULL;
    tw_tensor *h0 = tw_full(s, SIZES(1, 1), 0.3, TW_FLOAT64);
    tw_tensor *y = tw_gru(s, x, h0, &weights, false, &last);
    SHAPE(y, 3, 1, 1);
    VALUES(last, 1e-14, h);
    for (int t = 0; t < 3; ++t) h0 = tw_gru_cell(s, tw_full(s, SIZES(1, 1), inputs[t], TW_FLOAT64), h0, &weights);
    VALUES(h0, 1e-14, h);
    CHECK(tw_scope_status(s) == TW_OK);
    tw_scope_free(s);
}

/* The state after one step from zeros, o tanh(i g), by its bias of o: the state times 1 - o. */
static void gradient(void) {
    tw_scope *s = tw_scope_new();
    tw_recurrent_weights weights = weights_of(s, 4);
    tw_tensor *bias = tw_tensor_from_data(s, b, TW_FLOAT64, SIZES(4)), *last = NULL;
    OK(tw_tensor_set_requires_grad(bias, true));
    weights.b_ih = bias;
    tw_tensor *x = tw_tensor_from_data(s, inputs, TW_FLOAT64, SIZES(1, 1, 1));
    CHECK(tw_lstm(s, x, NULL, NULL, &weights, false, &last, NULL) != NULL);
    OK(tw_backward(s, last));
    double slopes[4], o = logistic(wx[3] * inputs[0] + b[3]);
    OK(tw_tensor_to_double(tw_tensor_grad(s, bias), slopes, 4));
    NEAR(slopes[3], item(last) * (1 - o), 1e-14);
    NEAR(slopes[1], 0, 1e-14);
    tw_scope_free(s);
}

static void bad_input(void) {
    tw_scope *s = tw_scope_new();
    tw_recurrent_weights weights = weights_of(s, 4);
    tw_tensor *x = tw_ones(s, SIZES(2, 3, 1), TW_FLOAT64), *last = x;
    REFUSES(TW_ERROR_NULL, tw_lstm(s, x, NULL, NULL, NULL, false, NULL, NULL));
    REFUSES(TW_ERROR_SHAPE, tw_gru(s, x, NULL, &weights, false, &last));
    CHECK(last == x);
    REFUSES(TW_ERROR_SHAPE, tw_lstm(s, tw_ones(s, SIZES(2, 3), TW_FLOAT64), NULL, NULL, &weights, false, NULL, NULL));
    REFUSES(TW_ERROR_SHAPE, tw_lstm(s, x, tw_ones(s, SIZES(2, 1), TW_FLOAT64), NULL, &weights, false, NULL, NULL));
    REFUSES(TW_ERROR_DTYPE, tw_lstm(s, tw_cast(s, x, TW_FLOAT32), NULL, NULL, &weights, false, NULL, NULL));
    weights.w_hh = NULL;
    REFUSES(TW_ERROR_NULL, tw_lstm_cell(s, x, NULL, NULL, &weights, NULL));
    tw_scope_free(s);
}

int main(void) {
    RUN(lstm);
    RUN(gru);
    RUN(gradient);
    RUN(bad_input);
    return check_report();
}
