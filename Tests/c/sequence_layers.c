/* Recurrent layers, attention, transformers and checkpointed modules from C. Values are held against the functions of
   tensors that the layers are made of (recurrent.h, attention.h), whose own tests are elsewhere. */
#include "check.h"

static tw_generator *generator;

static tw_tensor *noise(tw_scope *s, const int64_t *shape, int64_t rank) {
    return tw_random_normal(s, generator, shape, rank, 0, 1, TW_FLOAT64);
}

static bool same(tw_scope *s, const tw_tensor *a, const tw_tensor *b, double tolerance) {
    double largest = NAN;
    tw_tensor *difference = tw_max(s, tw_absolute(s, tw_subtract(s, a, b)), NULL, 0, false);
    return tw_tensor_item(difference, &largest) == TW_OK && largest <= tolerance;
}

static tw_recurrent_options recurrent64(void) {
    tw_recurrent_options options = TW_RECURRENT_OPTIONS_INIT;
    options.dtype = TW_FLOAT64;
    options.generator = generator;
    return options;
}

/* ---- Recurrent layers ---------------------------------------------------- */

static void lstm(void) {
    tw_scope *s = tw_scope_new();
    tw_recurrent_options options = recurrent64();
    tw_module *m = NULL;
    OK(tw_lstm_new(3, 4, &options, &m));
    tw_tensor *x = noise(s, SIZES(5, 2, 3)), *h = noise(s, SIZES(1, 2, 4)), *c = noise(s, SIZES(1, 2, 4));
    const tw_tensor *inputs[] = {x, h, c, NULL};
    tw_tensor *outputs[4] = {NULL};
    OK(tw_module_call(s, m, inputs, 4, outputs, 4));
    SHAPE(outputs[0], 5, 2, 4);
    SHAPE(outputs[1], 1, 2, 4);
    SHAPE(outputs[2], 1, 2, 4);
    CHECK(outputs[3] == NULL);
    tw_recurrent_weights weights = TW_RECURRENT_WEIGHTS_INIT;
    weights.w_ih = tw_module_parameter_named(s, m, "weight_ih_l0");
    weights.w_hh = tw_module_parameter_named(s, m, "weight_hh_l0");
    weights.b_ih = tw_module_parameter_named(s, m, "bias_ih_l0");
    weights.b_hh = tw_module_parameter_named(s, m, "bias_hh_l0");
    tw_tensor *last = NULL, *cells = NULL;
    tw_tensor *y = tw_lstm(s, x, tw_reshape(s, h, SIZES(2, 4)), tw_reshape(s, c, SIZES(2, 4)), &weights, false, &last,
                           &cells);
    CHECK(same(s, outputs[0], y, 0) && same(s, outputs[1], last, 0) && same(s, outputs[2], cells, 0));
    CHECK(same(s, tw_module_forward(s, m, x), tw_lstm(s, x, NULL, NULL, &weights, false, NULL, NULL), 0));
    /* Fewer inputs and fewer outputs. */
    OK(tw_module_call(s, m, inputs, 1, outputs, 1));
    SHAPE(outputs[0], 5, 2, 4);
    /* One sequence. */
    inputs[0] = noise(s, SIZES(5, 3));
    OK(tw_module_call(s, m, inputs, 1, outputs, 3));
    SHAPE(outputs[0], 5, 4);
    SHAPE(outputs[2], 1, 4);
    CHECK(tw_scope_status(s) == TW_OK);
    tw_module_free(m);
    tw_scope_free(s);
}

static void lengths(void) {
    tw_scope *s = tw_scope_new();
    tw_recurrent_options options = recurrent64();
    options.layers = 2;
    options.bidirectional = options.batch_first = true;
    tw_module *m = NULL;
    OK(tw_gru_new(3, 4, &options, &m));
    tw_tensor *x = noise(s, SIZES(3, 6, 3));
    const int64_t ends[] = {2, 6, 1};
    tw_tensor *given = tw_tensor_from_data(s, ends, TW_INT64, SIZES(3));
    const tw_tensor *inputs[] = {x, NULL, given};
    tw_tensor *outputs[2];
    OK(tw_module_call(s, m, inputs, 3, outputs, 2));
    SHAPE(outputs[0], 3, 6, 8);
    SHAPE(outputs[1], 4, 3, 4);
    for (int64_t row = 0; row < 3; ++row) {
        tw_tensor *own = tw_slice(s, tw_slice(s, x, 0, row, row + 1, 1), 1, 0, ends[row], 1), *alone[2];
        const tw_tensor *one[] = {own};
        OK(tw_module_call(s, m, one, 1, alone, 2));
        tw_tensor *mine = tw_slice(s, outputs[0], 0, row, row + 1, 1);
        CHECK(same(s, tw_slice(s, mine, 1, 0, ends[row], 1), alone[0], 1e-14));
        CHECK(same(s, tw_slice(s, outputs[1], 1, row, row + 1, 1), alone[1], 1e-14));
        if (ends[row] < 6)
            CHECK(same(s, tw_slice(s, mine, 1, ends[row], 6, 1), tw_zeros(s, SIZES(1), TW_FLOAT64), 0));
    }
    CHECK(tw_scope_status(s) == TW_OK);
    tw_module_free(m);
    tw_scope_free(s);
}

static void bad_recurrent(void) {
    tw_scope *s = tw_scope_new();
    tw_recurrent_options options = recurrent64();
    tw_module *m = NULL;
    FAILS(TW_ERROR_NULL, tw_lstm_new(3, 4, NULL, NULL));
    const int64_t sizes[][2] = {{0, 4}, {3, 0}, {-1, 4}, {3, INT64_MIN}, {INT64_MAX, INT64_MAX}, {3, INT64_MAX}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; ++i) {
        CHECK(tw_rnn_new(sizes[i][0], sizes[i][1], &options, &m) != TW_OK);
        CHECK(tw_lstm_new(sizes[i][0], sizes[i][1], &options, &m) != TW_OK);
        CHECK(tw_gru_cell_new(sizes[i][0], sizes[i][1], &options, &m) != TW_OK);
    }
    const int64_t layers[] = {0, -1, 1025, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < sizeof layers / sizeof *layers; ++i) {
        options.layers = layers[i];
        FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "layers", tw_gru_new(3, 4, &options, &m));
    }
    options = recurrent64();
    const double dropouts[] = {1, -0.1, INFINITY, NAN};
    for (size_t i = 0; i < sizeof dropouts / sizeof *dropouts; ++i) {
        options.dropout = dropouts[i];
        FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "dropout", tw_rnn_new(3, 4, &options, &m));
    }
    options = recurrent64();
    options.projection = 2;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_gru_new(3, 4, &options, &m));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_lstm_cell_new(3, 4, &options, &m));
    options.projection = 4;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_lstm_new(3, 4, &options, &m));
    options.projection = INT64_MIN;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_lstm_new(3, 4, &options, &m));
    options = recurrent64();
    options.rectified = true;
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "rectified", tw_lstm_new(3, 4, &options, &m));
    options = recurrent64();
    options.dtype = TW_INT64;
    FAILS(TW_ERROR_DTYPE, tw_lstm_new(3, 4, &options, &m));
    options.dtype = (tw_dtype)-1;
    FAILS(TW_ERROR_DTYPE, tw_lstm_new(3, 4, &options, &m));
    CHECK(m == NULL);

    options = recurrent64();
    OK(tw_lstm_new(3, 4, &options, &m));
    tw_tensor *x = noise(s, SIZES(5, 2, 3)), *outputs[3];
    const int64_t wrong[][2] = {{0, 5}, {5, 6}, {-1, 2}, {INT64_MIN, INT64_MAX}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; ++i) {
        const tw_tensor *inputs[] = {x, NULL, NULL, tw_tensor_from_data(s, wrong[i], TW_INT64, SIZES(2))};
        FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "from 1 to the 5 steps", tw_module_call(NULL, m, inputs, 4, outputs, 3));
    }
    const struct {
        const char *fragment;
        tw_status status;
        const tw_tensor *inputs[4];
    } table[] = {
        {"lengths", TW_ERROR_SHAPE, {x, NULL, NULL, tw_ones(s, SIZES(3), TW_INT64)}},
        {"lengths", TW_ERROR_SHAPE, {x, NULL, NULL, tw_ones(s, SIZES(1, 2), TW_INT64)}},
        {"lengths", TW_ERROR_DTYPE, {x, NULL, NULL, tw_ones(s, SIZES(2), TW_FLOAT64)}},
        {"initial state", TW_ERROR_SHAPE, {x, tw_zeros(s, SIZES(2, 4), TW_FLOAT64), NULL, NULL}},
        {"initial state", TW_ERROR_SHAPE, {x, tw_zeros(s, SIZES(2, 2, 4), TW_FLOAT64), NULL, NULL}},
        {"initial cells", TW_ERROR_SHAPE, {x, NULL, tw_zeros(s, SIZES(1, 2, 5), TW_FLOAT64), NULL}},
        {"hidden state", TW_ERROR_DTYPE, {x, tw_zeros(s, SIZES(1, 2, 4), TW_FLOAT32), NULL, NULL}},
        {"no steps", TW_ERROR_SHAPE, {tw_zeros(s, SIZES(0, 2, 3), TW_FLOAT64), NULL, NULL, NULL}},
        {"is needed", TW_ERROR_SHAPE, {tw_zeros(s, SIZES(5, 2, 4), TW_FLOAT64), NULL, NULL, NULL}},
        {"is needed", TW_ERROR_SHAPE, {tw_zeros(s, SIZES(3), TW_FLOAT64), NULL, NULL, NULL}},
        {"takes a sequence", TW_ERROR_INVALID_ARGUMENT, {NULL, NULL, NULL, NULL}},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; ++i)
        FAILS_SAYING(table[i].status, table[i].fragment, tw_module_call(NULL, m, table[i].inputs, 4, outputs, 3));
    const tw_tensor *five[] = {x, NULL, NULL, NULL, NULL};
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_module_call(NULL, m, five, 5, outputs, 3));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_module_call(NULL, m, five, 0, outputs, 3));
    OK(tw_module_remove(m, "weight_hh_l0"));
    FAILS(TW_ERROR_STATE, tw_module_call(NULL, m, five, 1, outputs, 3));
    tw_module_free(m);
    /* An empty batch is none of these. */
    OK(tw_rnn_new(3, 4, &options, &m));
    const tw_tensor *none[] = {tw_zeros(s, SIZES(5, 0, 3), TW_FLOAT64)};
    OK(tw_module_call(s, m, none, 1, outputs, 2));
    SHAPE(outputs[0], 5, 0, 4);
    tw_module_free(m);
    tw_scope_free(s);
}

static void cells(void) {
    tw_scope *s = tw_scope_new();
    tw_recurrent_options options = recurrent64();
    tw_module *m = NULL;
    OK(tw_lstm_cell_new(3, 4, &options, &m));
    const tw_tensor *inputs[] = {noise(s, SIZES(2, 3)), noise(s, SIZES(2, 4)), noise(s, SIZES(2, 4))};
    tw_tensor *outputs[2];
    OK(tw_module_call(s, m, inputs, 3, outputs, 2));
    tw_recurrent_weights weights = TW_RECURRENT_WEIGHTS_INIT;
    weights.w_ih = tw_module_parameter_named(s, m, "weight_ih");
    weights.w_hh = tw_module_parameter_named(s, m, "weight_hh");
    weights.b_ih = tw_module_parameter_named(s, m, "bias_ih");
    weights.b_hh = tw_module_parameter_named(s, m, "bias_hh");
    tw_tensor *c = NULL;
    tw_tensor *h = tw_lstm_cell(s, inputs[0], inputs[1], inputs[2], &weights, &c);
    CHECK(same(s, outputs[0], h, 0) && same(s, outputs[1], c, 0));
    options.layers = 2;
    tw_module *other = NULL;
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "a cell is one step", tw_lstm_cell_new(3, 4, &options, &other));
    inputs[1] = noise(s, SIZES(3, 4));
    FAILS(TW_ERROR_SHAPE, tw_module_call(s, m, inputs, 3, outputs, 2));
    tw_module_free(m);
    tw_scope_free(s);
}

/* ---- Attention ----------------------------------------------------------- */

static tw_multihead_attention_options attention64(void) {
    tw_multihead_attention_options options = TW_MULTIHEAD_ATTENTION_OPTIONS_INIT;
    options.dtype = TW_FLOAT64;
    options.generator = generator;
    return options;
}

/* Against projections and tw_attention. */
static void attention(void) {
    tw_scope *s = tw_scope_new();
    tw_multihead_attention_options options = attention64();
    options.batch_first = true;
    options.key_heads = 2;
    tw_module *m = NULL;
    OK(tw_multihead_attention_new(8, 4, &options, &m));
    tw_tensor *x = noise(s, SIZES(3, 5, 8)), *memory = noise(s, SIZES(3, 6, 8));
    tw_tensor *w = tw_module_parameter_named(s, m, "in_proj_weight");
    tw_tensor *b = tw_module_parameter_named(s, m, "in_proj_bias");
    SHAPE(w, 16, 8);
    OK(tw_tensor_assign(b, noise(s, SIZES(16))));
    tw_attention_context context = TW_ATTENTION_CONTEXT_INIT;
    context.mask = tw_greater(s, noise(s, SIZES(5, 6)), tw_full(s, SIZES(1), -1, TW_FLOAT64));
    const bool real[18] = {1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0};
    context.key_mask = tw_tensor_from_data(s, real, TW_BOOL, SIZES(3, 6));
    tw_tensor *weights = NULL;
    tw_tensor *y = tw_multihead_attention(s, m, x, memory, NULL, &context, NULL);
    tw_tensor *slow = tw_multihead_attention(s, m, x, memory, NULL, &context, &weights);
    SHAPE(weights, 3, 4, 5, 6);
    tw_tensor *parts[3];
    const int64_t from[] = {0, 8, 12}, to[] = {8, 12, 16}, heads[] = {4, 2, 2}, order[] = {0, 2, 1, 3};
    for (int i = 0; i < 3; ++i) {
        tw_tensor *p = tw_linear(s, i ? memory : x, tw_slice(s, w, 0, from[i], to[i], 1),
                                 tw_slice(s, b, 0, from[i], to[i], 1));
        parts[i] = tw_permute(s, tw_reshape(s, p, SIZES(3, i ? 6 : 5, heads[i], 2)), order, 4);
    }
    tw_attention_options plain = TW_ATTENTION_OPTIONS_INIT;
    plain.mask = context.mask;
    plain.key_mask = context.key_mask;
    tw_tensor *joined = tw_permute(s, tw_attention(s, parts[0], parts[1], parts[2], &plain), order, 4);
    tw_tensor *right = tw_linear(s, tw_reshape(s, joined, SIZES(3, 5, 8)),
                                 tw_module_parameter_named(s, m, "out_proj.weight"),
                                 tw_module_parameter_named(s, m, "out_proj.bias"));
    CHECK(same(s, y, right, 1e-13) && same(s, slow, right, 1e-13));
    CHECK(tw_scope_status(s) == TW_OK);
    tw_module_free(m);
    tw_scope_free(s);
}

static void bad_attention(void) {
    tw_scope *s = tw_scope_new();
    tw_multihead_attention_options options = attention64();
    tw_module *m = NULL;
    FAILS(TW_ERROR_NULL, tw_multihead_attention_new(8, 2, NULL, NULL));
    const int64_t sizes[][2] = {{8, 3}, {0, 1}, {8, 0}, {8, -2}, {-8, 2}, {INT64_MIN, -1},
                                {INT64_MAX, 1}, {8, INT64_MIN}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; ++i)
        CHECK(tw_multihead_attention_new(sizes[i][0], sizes[i][1], &options, &m) != TW_OK);
    options.key_heads = 3;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_multihead_attention_new(8, 4, &options, &m));
    options.key_heads = INT64_MIN;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_multihead_attention_new(8, 4, &options, &m));
    options = attention64();
    options.key_width = -1;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_multihead_attention_new(8, 4, &options, &m));
    options = attention64();
    options.rotary = true;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_multihead_attention_new(9, 3, &options, &m));
    options.rotary_base = NAN;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_multihead_attention_new(8, 2, &options, &m));
    CHECK(m == NULL);
    options = attention64();
    OK(tw_multihead_attention_new(8, 2, &options, &m));
    tw_tensor *x = noise(s, SIZES(5, 3, 8));
    tw_attention_context context = TW_ATTENTION_CONTEXT_INIT;
    REFUSES(TW_ERROR_NULL, tw_multihead_attention(s, m, NULL, NULL, NULL, NULL, NULL));
    REFUSES(TW_ERROR_SHAPE, tw_multihead_attention(s, m, noise(s, SIZES(5, 3, 7)), NULL, NULL, NULL, NULL));
    REFUSES(TW_ERROR_SHAPE, tw_multihead_attention(s, m, noise(s, SIZES(8)), NULL, NULL, NULL, NULL));
    REFUSES(TW_ERROR_SHAPE, tw_multihead_attention(s, m, x, noise(s, SIZES(5, 2, 8)), NULL, NULL, NULL));
    REFUSES(TW_ERROR_SHAPE, tw_multihead_attention(s, m, x, x, noise(s, SIZES(4, 3, 8)), NULL, NULL));
    tw_tensor *narrow = tw_ones(s, SIZES(5, 3, 8), TW_FLOAT32);
    REFUSES(TW_ERROR_DTYPE, tw_multihead_attention(s, m, narrow, NULL, NULL, NULL, NULL));
    context.mask = tw_ones(s, SIZES(5, 4), TW_BOOL);
    REFUSES(TW_ERROR_SHAPE, tw_multihead_attention(s, m, x, NULL, NULL, &context, NULL));
    context.mask = NULL;
    context.key_mask = tw_ones(s, SIZES(3, 5), TW_FLOAT64);
    REFUSES(TW_ERROR_DTYPE, tw_multihead_attention(s, m, x, NULL, NULL, &context, NULL));
    context.key_mask = tw_ones(s, SIZES(5, 3), TW_BOOL);
    REFUSES(TW_ERROR_SHAPE, tw_multihead_attention(s, m, x, NULL, NULL, &context, NULL));
    context.key_mask = NULL;
    context.cache = (tw_key_value_cache *)m;
    REFUSES(TW_ERROR_INVALID_HANDLE, tw_multihead_attention(s, m, x, NULL, NULL, &context, NULL));
    REFUSES(TW_ERROR_STATE, tw_transformer_forward(s, m, x, NULL, NULL));
    tw_module *linear = NULL;
    OK(tw_linear_new(8, 8, NULL, &linear));
    REFUSES(TW_ERROR_STATE, tw_multihead_attention(s, linear, x, NULL, NULL, NULL, NULL));
    tw_module_free(linear);
    SHAPE(tw_multihead_attention(s, m, x, NULL, NULL, NULL, NULL), 5, 3, 8);
    OK(tw_module_remove(m, "in_proj_weight"));
    REFUSES(TW_ERROR_STATE, tw_multihead_attention(s, m, x, NULL, NULL, NULL, NULL));
    tw_module_free(m);
    tw_scope_free(s);
}

/* ---- Transformers and caches --------------------------------------------- */

static tw_transformer_options transformer64(void) {
    tw_transformer_options options = TW_TRANSFORMER_OPTIONS_INIT;
    options.feed_forward = 12;
    options.dtype = TW_FLOAT64;
    options.generator = generator;
    return options;
}

static void decoding(void) {
    tw_scope *s = tw_scope_new();
    tw_transformer_options options = transformer64();
    options.norm_first = options.causal = options.rotary = true;
    options.key_heads = 1;
    options.activation = TW_FEED_FORWARD_GATED_SILU;
    tw_module *layers[2] = {NULL}, *m = NULL;
    for (int i = 0; i < 2; ++i) OK(tw_transformer_encoder_layer_new(8, 2, &options, &layers[i]));
    OK(tw_transformer_encoder_new(layers, 2, NULL, &m));
    for (int i = 0; i < 2; ++i) tw_module_free(layers[i]);
    OK(tw_module_set_training(m, false));
    tw_tensor *x = noise(s, SIZES(6, 2, 8));
    bool before = tw_set_grad_enabled(false);
    tw_tensor *whole = tw_module_forward(s, m, x);
    tw_key_value_cache *cache = NULL;
    OK(tw_key_value_cache_new(6, &cache));
    tw_attention_context context = TW_ATTENTION_CONTEXT_INIT;
    context.cache = cache;
    int64_t length = -1;
    for (int64_t step = 0; step < 6; ++step) {
        tw_tensor *y = tw_transformer_forward(s, m, tw_slice(s, x, 0, step, step + 1, 1), NULL, &context);
        CHECK(same(s, y, tw_slice(s, whole, 0, step, step + 1, 1), 1e-13));
        OK(tw_key_value_cache_length(cache, &length));
        CHECK(length == step + 1);
    }
    tw_tensor *more = tw_slice(s, x, 0, 0, 1, 1);
    REFUSES_SAYING(TW_ERROR_STATE, "6 positions of 6", tw_transformer_forward(s, m, more, NULL, &context));
    OK(tw_key_value_cache_length(cache, &length));
    CHECK(length == 6);
    OK(tw_key_value_cache_reset(cache));
    OK(tw_key_value_cache_length(cache, &length));
    CHECK(length == 0);
    tw_scope_reset(s);
    x = noise(s, SIZES(6, 2, 8));
    tw_set_grad_enabled(true);
    REFUSES_SAYING(TW_ERROR_STATE, "gradient", tw_transformer_forward(s, m, x, NULL, &context));
    tw_set_grad_enabled(before);
    OK(tw_key_value_cache_capacity(cache, &length));
    CHECK(length == 6);
    tw_key_value_cache_free(cache);
    FAILS(TW_ERROR_INVALID_HANDLE, tw_key_value_cache_reset(cache));
    REFUSES(TW_ERROR_INVALID_HANDLE, tw_transformer_forward(s, m, x, NULL, &context));
    tw_key_value_cache_free(cache);
    tw_key_value_cache_free(NULL);
    FAILS(TW_ERROR_NULL, tw_key_value_cache_length(NULL, &length));
    FAILS(TW_ERROR_NULL, tw_key_value_cache_new(3, NULL));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_key_value_cache_new(0, &cache));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_key_value_cache_new(INT64_MIN, &cache));
    /* Room that there cannot be. */
    OK(tw_key_value_cache_new(INT64_MAX, &cache));
    context.cache = cache;
    tw_set_grad_enabled(false);
    CHECK(tw_transformer_forward(s, m, x, NULL, &context) == NULL && tw_last_status() != TW_OK);
    tw_set_grad_enabled(before);
    tw_key_value_cache_free(cache);
    tw_module_free(m);
    tw_scope_free(s);
}

static void decoder(void) {
    tw_scope *s = tw_scope_new();
    tw_transformer_options options = transformer64();
    tw_module *layer = NULL, *checkpointed = NULL, *m = NULL, *linear = NULL;
    OK(tw_transformer_decoder_layer_new(8, 2, &options, &layer));
    OK(tw_checkpointed_new(layer, &checkpointed));
    OK(tw_transformer_decoder_new(&checkpointed, 1, NULL, &m));
    OK(tw_module_set_training(m, false));
    tw_tensor *x = noise(s, SIZES(4, 2, 8)), *memory = noise(s, SIZES(3, 2, 8));
    const tw_tensor *inputs[] = {x, memory, NULL, NULL, NULL, tw_ones(s, SIZES(2, 3), TW_BOOL)};
    tw_tensor *y = NULL;
    OK(tw_module_call(s, m, inputs, 6, &y, 1));
    CHECK(same(s, y, tw_transformer_forward(s, layer, x, memory, NULL), 0));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_transformer_forward(s, m, x, NULL, NULL));
    REFUSES(TW_ERROR_STATE, tw_module_forward(s, m, x));
    REFUSES(TW_ERROR_SHAPE, tw_transformer_forward(s, m, x, noise(s, SIZES(3, 2, 7)), NULL));
    REFUSES(TW_ERROR_SHAPE, tw_transformer_forward(s, m, noise(s, SIZES(4, 3, 8)), memory, NULL));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_module_call(s, m, inputs, 1, &y, 1));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_module_call(s, m, inputs, 0, &y, 1));
    tw_module *bad = NULL;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_transformer_decoder_new(NULL, 0, NULL, &bad));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_transformer_decoder_new(&layer, -1, NULL, &bad));
    FAILS(TW_ERROR_NULL, tw_transformer_decoder_new(NULL, 1, NULL, &bad));
    OK(tw_linear_new(8, 8, NULL, &linear));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_transformer_encoder_new(&linear, 1, NULL, &bad));
    options.feed_forward = INT64_MIN;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_transformer_encoder_layer_new(8, 2, &options, &bad));
    options = transformer64();
    options.activation = (tw_feed_forward)9;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_transformer_encoder_layer_new(8, 2, &options, &bad));
    options = transformer64();
    options.epsilon = NAN;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_transformer_encoder_layer_new(8, 2, &options, &bad));
    CHECK(bad == NULL);
    tw_module_free(linear);
    tw_module_free(layer);
    tw_module_free(checkpointed);
    tw_module_free(m);
    tw_scope_free(s);
}

/* The same bits as the plain net: output, gradients, dropout. */
static void checkpointed(void) {
    tw_scope *s = tw_scope_new();
    tw_transformer_options options = transformer64();
    options.dropout = 0.3;
    tw_module *plain = NULL, *net = NULL;
    OK(tw_transformer_encoder_layer_new(8, 2, &options, &plain));
    OK(tw_checkpointed_new(plain, &net));
    tw_tensor *w = tw_module_parameter_named(s, net, "module.linear1.weight");
    tw_tensor *x = noise(s, SIZES(4, 2, 8)), *found[2][3];
    OK(tw_tensor_set_requires_grad(x, true));
    for (int i = 0; i < 2; ++i) {
        OK(tw_generator_set_state(generator, 3, 0));
        OK(tw_module_zero_grad(net));
        OK(tw_tensor_set_grad(x, NULL));
        found[i][0] = tw_module_forward(s, i ? net : plain, x);
        OK(tw_backward(s, tw_sum(s, tw_square(s, found[i][0]), NULL, 0, false)));
        found[i][1] = tw_copy(s, tw_tensor_grad(s, x));
        found[i][2] = tw_copy(s, tw_tensor_grad(s, w));
    }
    for (int k = 0; k < 3; ++k) CHECK(same(s, found[0][k], found[1][k], 0));
    CHECK(tw_scope_status(s) == TW_OK);
    FAILS(TW_ERROR_NULL, tw_checkpointed_new(NULL, &net));
    FAILS(TW_ERROR_NULL, tw_checkpointed_new(plain, NULL));
    tw_module_free(plain);
    tw_module_free(net);
    tw_scope_free(s);
}

int main(void) {
    OK(tw_generator_new(7, &generator));
    RUN(lstm);
    RUN(lengths);
    RUN(bad_recurrent);
    RUN(cells);
    RUN(attention);
    RUN(bad_attention);
    RUN(decoding);
    RUN(decoder);
    RUN(checkpointed);
    tw_generator_free(generator);
    return check_report();
}
