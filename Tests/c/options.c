/* struct_size: what it may be, for programs built with an older and with a newer header. */
#include "check.h"

static tw_tensor *x, *y; /* [3, 1] */
static tw_tensor *flat;  /* y as [3] */

/* Each calls one function with options at `options`, frees what came of it and gives the status. */
static tw_status call_lstsq(const void *options) {
    tw_lstsq_result *fit = NULL;
    tw_status status = tw_lstsq(x, y, options, &fit);
    tw_lstsq_result_free(fit);
    return status;
}

static tw_status call_constrained(const void *options) {
    tw_constrained_result *fit = NULL;
    tw_status status = tw_constrained_lstsq(x, y, options, &fit);
    tw_constrained_result_free(fit);
    return status;
}

static tw_status call_total(const void *options) {
    tw_total_result *fit = NULL;
    tw_status status = tw_total_least_squares(x, y, options, &fit);
    tw_total_result_free(fit);
    return status;
}

static tw_status call_polynomial(const void *options) {
    tw_basis *basis = NULL;
    tw_status status = tw_polynomial_basis(x, options, &basis);
    tw_basis_free(basis);
    return status;
}

static tw_status call_spline(const void *options) {
    tw_basis *basis = NULL;
    tw_status status = tw_spline_basis(x, options, &basis);
    tw_basis_free(basis);
    return status;
}

static tw_status call_linear(const void *options) {
    tw_module *m = NULL;
    tw_status status = tw_linear_new(1, 1, options, &m);
    tw_module_free(m);
    return status;
}

static tw_status call_conv_layer(const void *options) {
    tw_module *m = NULL;
    tw_status status = tw_conv1d_new(1, 1, 1, options, &m);
    tw_module_free(m);
    return status;
}

static tw_status call_pooling(const void *options) {
    tw_module *m = NULL;
    tw_status status = tw_avg_pool2d_new(options, &m);
    tw_module_free(m);
    return status;
}

static tw_status call_upsample(const void *options) {
    tw_module *m = NULL;
    tw_status status = tw_upsample_new(options, &m);
    tw_module_free(m);
    return status;
}

static tw_status call_channel_norm(const void *options) {
    tw_module *m = NULL;
    tw_status status = tw_batch_norm1d_new(1, options, &m);
    tw_module_free(m);
    return status;
}

static tw_status call_norm(const void *options) {
    tw_module *m = NULL;
    tw_status status = tw_group_norm_new(1, 1, options, &m);
    tw_module_free(m);
    return status;
}

static tw_status call_activation(const void *options) {
    tw_module *m = NULL;
    tw_status status = tw_activation_new(TW_ACTIVATION_SOFTPLUS, options, &m);
    tw_module_free(m);
    return status;
}

static tw_status call_initializer(const void *options) {
    tw_tensor *t = tw_zeros(NULL, SIZES(3, 3), TW_FLOAT64);
    tw_status status = tw_initialize(t, TW_INIT_TRUNCATED_NORMAL, options);
    tw_release(t);
    return status;
}

static tw_status call_embedding(const void *options) {
    tw_module *m = NULL;
    tw_status status = tw_embedding_new(3, 2, options, &m);
    tw_module_free(m);
    return status;
}

static tw_status call_bag(const void *options) {
    tw_module *m = NULL;
    tw_status status = tw_embedding_bag_new(3, 2, NULL, options, &m);
    tw_module_free(m);
    return status;
}

static tw_status call_rotary(const void *options) {
    tw_module *m = NULL;
    tw_status status = tw_rotary_new(options, &m);
    tw_module_free(m);
    return status;
}

static tw_status call_lstm(const void *options) {
    tw_module *m = NULL;
    tw_status status = tw_lstm_new(1, 1, options, &m);
    tw_module_free(m);
    return status;
}

static tw_status call_multihead_attention(const void *options) {
    tw_module *m = NULL;
    tw_status status = tw_multihead_attention_new(2, 1, options, &m);
    tw_module_free(m);
    return status;
}

static tw_status call_transformer(const void *options) {
    tw_module *m = NULL;
    tw_status status = tw_transformer_encoder_layer_new(2, 1, options, &m);
    tw_module_free(m);
    return status;
}

static tw_status call_attention_context(const void *options) {
    tw_module *m = NULL;
    tw_multihead_attention_options given = TW_MULTIHEAD_ATTENTION_OPTIONS_INIT;
    given.dtype = TW_FLOAT64;
    tw_status status = tw_multihead_attention_new(1, 1, &given, &m);
    if (status == TW_OK) {
        tw_tensor *result = tw_multihead_attention(NULL, m, x, NULL, NULL, options, NULL);
        status = result ? TW_OK : tw_last_status();
        tw_release(result);
    }
    tw_module_free(m);
    return status;
}

static tw_status call_loader(const void *options) {
    tw_loader *loader = NULL;
    tw_status status = tw_loader_new(x, y, options, &loader);
    tw_loader_free(loader);
    return status;
}

static tw_status freed(tw_status status, tw_optimizer *optimizer) {
    tw_optimizer_free(optimizer);
    return status;
}

static tw_status call_sgd(const void *options) {
    tw_optimizer *optimizer = NULL;
    tw_status status = tw_sgd_new(options, &optimizer);
    return freed(status, optimizer);
}

static tw_status call_lbfgs(const void *options) {
    tw_optimizer *optimizer = NULL;
    tw_status status = tw_lbfgs_new(options, &optimizer);
    return freed(status, optimizer);
}

static tw_status call_levenberg_marquardt(const void *options) {
    tw_module *m = NULL;
    tw_linear_options linear = TW_LINEAR_OPTIONS_INIT;
    linear.dtype = TW_FLOAT64;
    tw_status status = tw_linear_new(1, 1, &linear, &m);
    if (status == TW_OK) status = tw_levenberg_marquardt_fit(m, x, y, options, NULL);
    tw_module_free(m);
    return status;
}

static tw_status call_rmsprop(const void *options) {
    tw_optimizer *optimizer = NULL;
    tw_status status = tw_rmsprop_new(options, &optimizer);
    return freed(status, optimizer);
}

static tw_status call_nadam(const void *options) {
    tw_optimizer *optimizer = NULL;
    tw_status status = tw_nadam_new(options, &optimizer);
    return freed(status, optimizer);
}

static tw_status call_radam(const void *options) {
    tw_optimizer *optimizer = NULL;
    tw_status status = tw_radam_new(options, &optimizer);
    return freed(status, optimizer);
}

static tw_status call_adamax(const void *options) {
    tw_optimizer *optimizer = NULL;
    tw_status status = tw_adamax_new(options, &optimizer);
    return freed(status, optimizer);
}

static tw_status call_lion(const void *options) {
    tw_optimizer *optimizer = NULL;
    tw_status status = tw_lion_new(options, &optimizer);
    return freed(status, optimizer);
}

static tw_status call_lamb(const void *options) {
    tw_optimizer *optimizer = NULL;
    tw_status status = tw_lamb_new(options, &optimizer);
    return freed(status, optimizer);
}

static tw_status call_adagrad(const void *options) {
    tw_optimizer *optimizer = NULL;
    tw_status status = tw_adagrad_new(options, &optimizer);
    return freed(status, optimizer);
}

static tw_status call_adadelta(const void *options) {
    tw_optimizer *optimizer = NULL;
    tw_status status = tw_adadelta_new(options, &optimizer);
    return freed(status, optimizer);
}

static tw_status call_adafactor(const void *options) {
    tw_optimizer *optimizer = NULL;
    tw_status status = tw_adafactor_new(options, &optimizer);
    return freed(status, optimizer);
}

static tw_status call_muon(const void *options) {
    tw_optimizer *optimizer = NULL;
    tw_status status = tw_muon_new(options, &optimizer);
    return freed(status, optimizer);
}

static tw_status call_adam(const void *options) {
    tw_optimizer *optimizer = NULL;
    tw_status status = tw_adam_new(options, &optimizer);
    return freed(status, optimizer);
}

static tw_status call_adamw(const void *options) {
    tw_optimizer *optimizer = NULL;
    tw_status status = tw_adamw_new(options, &optimizer);
    return freed(status, optimizer);
}

static tw_status call_grad(const void *options) {
    tw_tensor *leaf = tw_full(NULL, SIZES(1), 3, TW_FLOAT64), *square = NULL;
    tw_status status = tw_tensor_set_requires_grad(leaf, true);
    if (status == TW_OK) square = tw_square(NULL, leaf);
    if (status == TW_OK) status = tw_backward_with(NULL, square, options);
    tw_release(leaf);
    tw_release(square);
    return status;
}

static tw_status call_robust(const void *options) {
    tw_lstsq_result *fit = NULL;
    tw_status status = tw_lstsq(x, y, NULL, &fit);
    tw_tensor *covariance = tw_lstsq_result_robust_covariance(NULL, fit, x, y, options);
    if (status == TW_OK && covariance == NULL) status = tw_last_status();
    tw_release(covariance);
    tw_lstsq_result_free(fit);
    return status;
}

static tw_status call_glm(const void *options) {
    tw_glm_result *fit = NULL;
    tw_tensor *flat = tw_reshape(NULL, y, SIZES(3));
    tw_status status = tw_glm(x, flat, options, &fit);
    tw_release(flat);
    tw_glm_result_free(fit);
    return status;
}

static tw_status call_huber(const void *options) {
    tw_robust_result *fit = NULL;
    tw_status status = tw_huber(x, flat, options, &fit);
    tw_robust_result_free(fit);
    return status;
}

static tw_status call_stochastic(const void *options) {
    tw_stochastic_result *fit = NULL;
    tw_status status = tw_stochastic(x, flat, options, &fit);
    tw_stochastic_result_free(fit);
    return status;
}

static tw_status call_summary(const void *options) {
    tw_lstsq_result *fit = NULL;
    char *text = NULL;
    tw_status status = tw_lstsq(x, y, NULL, &fit);
    if (status == TW_OK) status = tw_lstsq_result_summary(fit, options, &text);
    tw_string_free(text);
    tw_lstsq_result_free(fit);
    return status;
}

static tw_status call_stream(const void *options) {
    tw_lstsq_stream *stream = NULL;
    tw_status status = tw_lstsq_stream_new(1, 1, options, &stream);
    tw_lstsq_stream_free(stream);
    return status;
}

static tw_status call_stream_file(const void *options) {
    tw_lstsq_stream *stream = NULL;
    tw_status status = tw_csv_write("/tmp/talweg-options.csv", x, NULL);
    if (status == TW_OK) status = tw_lstsq_stream_new(0, 1, NULL, &stream);
    if (status == TW_OK) status = tw_lstsq_stream_push_csv(stream, "/tmp/talweg-options.csv", options);
    tw_lstsq_stream_free(stream);
    return status;
}

static int zero(void *context, int64_t index, const double *const *x, double *r, double *const *jacobians) {
    (void)context;
    (void)index;
    (void)jacobians;
    r[0] = x[0][0];
    return 0;
}

static tw_status call_parameters(const void *options) {
    double value[2] = {1, 1};
    tw_problem *problem = NULL;
    tw_status status = tw_problem_new(&problem);
    if (status == TW_OK) status = tw_problem_add_parameters(problem, options, 1, value, NULL);
    tw_problem_free(problem);
    return status;
}

static tw_status call_problem(const void *options) {
    double value = 1;
    int64_t block = 0;
    tw_problem *problem = NULL;
    tw_residual_blocks residuals = TW_RESIDUAL_BLOCKS_INIT;
    residuals.function = zero;
    tw_status status = tw_problem_new(&problem);
    if (status == TW_OK) status = tw_problem_add_parameters(problem, NULL, 1, &value, NULL);
    if (status == TW_OK) status = tw_problem_add_residuals(problem, &residuals, &block, 1);
    if (status == TW_OK) status = tw_problem_solve(problem, options, NULL);
    tw_problem_free(problem);
    return status;
}

static tw_status call_csv(const void *options) {
    return tw_csv_write("/tmp/talweg-options.csv", x, options);
}

static tw_status call_fit(const void *options) {
    tw_module *m = NULL;
    tw_optimizer *optimizer = NULL;
    tw_linear_options linear = TW_LINEAR_OPTIONS_INIT;
    linear.dtype = TW_FLOAT64;
    tw_status status = tw_linear_new(1, 1, &linear, &m);
    if (status == TW_OK) status = tw_sgd_new(NULL, &optimizer);
    if (status == TW_OK) status = tw_optimizer_add_module(optimizer, m);
    if (status == TW_OK) status = tw_fit(m, optimizer, x, y, options, NULL);
    tw_module_free(m);
    return freed(status, optimizer);
}

/* Each makes one loss of tensors of its own with options at `options`. */
#define LOSS(name, ...)                                                                    \
    static tw_status call_##name(const void *options) {                                    \
        tw_scope *s = tw_scope_new();                                                      \
        tw_tensor *shares = tw_full(s, SIZES(3, 1), 0.5, TW_FLOAT64);                      \
        tw_tensor *ones = tw_full(s, SIZES(3, 1), 1, TW_FLOAT64);                          \
        tw_tensor *labels = tw_zeros(s, SIZES(3), TW_INT64);                               \
        tw_tensor *steps = tw_zeros(s, SIZES(3, 1, 3), TW_FLOAT64);                        \
        tw_tensor *threes = tw_full(s, SIZES(1), 3, TW_INT64), *twos = INTEGERS(s, 2);     \
        (void)shares, (void)ones, (void)labels, (void)steps, (void)threes, (void)twos;     \
        (void)tw_##name(s, __VA_ARGS__, options);                                          \
        tw_status status = tw_scope_status(s);                                             \
        tw_scope_free(s);                                                                  \
        return status;                                                                     \
    }
LOSS(mae_loss, x, y)
LOSS(huber_loss, x, y)
LOSS(smooth_l1_loss, x, y)
LOSS(poisson_nll_loss, x, y)
LOSS(gaussian_nll_loss, x, y, y)
LOSS(bce_with_logits_loss, x, y)
LOSS(bce_loss, shares, shares)
LOSS(sigmoid_focal_loss, x, ones)
LOSS(cross_entropy_loss_with, x, labels)
LOSS(nll_loss, x, labels)
LOSS(focal_loss, x, labels)
LOSS(multi_margin_loss, x, labels)
LOSS(kl_div_loss, x, y)
LOSS(cosine_embedding_loss, x, y, tw_select(s, ones, 1, 0))
LOSS(triplet_margin_loss, x, y, y)
LOSS(info_nce_loss, x, y)
LOSS(ctc_loss, steps, twos, threes, tw_ones(s, SIZES(1), TW_INT64))

/* A struct of options in the middle of a larger room, as a later version would have it. */
union room {
    size_t struct_size;
    unsigned char bytes[8192];
};

/* `whole` is the struct's size as this header has it, `first` its size in 0.1, the version that any program
   may have been built with. */
static void sizes(tw_status (*call)(const void *), const void *defaults, size_t whole, size_t first) {
    union room room;
    memset(&room, 0, sizeof room);
    memcpy(&room, defaults, whole);
    CHECK(first <= whole);
    OK(call(NULL));
    OK(call(&room));
    /* Too small to be any version's, or absurd. */
    const size_t wrong[] = {0, 1, 4, sizeof(size_t) - 1, sizeof(size_t), first - 1, 4097, 1 << 20, SIZE_MAX};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; ++i) {
        room.struct_size = wrong[i];
        if (!FAILS(TW_ERROR_INVALID_ARGUMENT, call(&room))) printf("  (struct_size %zu)\n", wrong[i]);
    }
    /* A later version's struct: its new fields are zero, so nothing new is asked. */
    for (size_t extra = 8; whole + extra <= 4096; extra = extra * 2 + 8) {
        room.struct_size = whole + extra;
        OK(call(&room));
        room.bytes[whole + extra - 1] = 1; /* the last byte asks for something unknown */
        FAILS(TW_ERROR_UNSUPPORTED, call(&room));
        room.bytes[whole + extra - 1] = 0;
        room.bytes[whole] = 1; /* the first */
        FAILS(TW_ERROR_UNSUPPORTED, call(&room));
        room.bytes[whole] = 0;
    }
    /* The struct of 0.1: what lies behind it is not read. */
    memset(room.bytes + first, 0xff, sizeof room - first);
    room.struct_size = first;
    OK(call(&room));
}

#define SIZES_OF(call, type, initial, first)               \
    do {                                                   \
        const type defaults = initial;                     \
        sizes((call), &defaults, sizeof(type), (first));   \
    } while (0)

/* The last numbers are sizes on a 64-bit machine, and never change. */
static void lstsq(void) { SIZES_OF(call_lstsq, tw_lstsq_options, TW_LSTSQ_OPTIONS_INIT, 104); }
static void glm(void) { SIZES_OF(call_glm, tw_glm_options, TW_GLM_OPTIONS_INIT, 96); }
static void constrained(void) {
    SIZES_OF(call_constrained, tw_constrained_options, TW_CONSTRAINED_OPTIONS_INIT, 104);
}
static void total(void) { SIZES_OF(call_total, tw_total_options, TW_TOTAL_OPTIONS_INIT, 40); }
static void polynomial(void) { SIZES_OF(call_polynomial, tw_polynomial_options, TW_POLYNOMIAL_OPTIONS_INIT, 24); }
static void spline(void) { SIZES_OF(call_spline, tw_spline_options, TW_SPLINE_OPTIONS_INIT, 72); }
static void robust(void) { SIZES_OF(call_robust, tw_robust_covariance_options, TW_ROBUST_COVARIANCE_OPTIONS_INIT, 40); }
static void huber(void) { SIZES_OF(call_huber, tw_huber_options, TW_HUBER_OPTIONS_INIT, 56); }
static void stochastic(void) { SIZES_OF(call_stochastic, tw_stochastic_options, TW_STOCHASTIC_OPTIONS_INIT, 232); }
static void summary(void) { SIZES_OF(call_summary, tw_summary_options, TW_SUMMARY_OPTIONS_INIT, 32); }
static void stream(void) { SIZES_OF(call_stream, tw_lstsq_stream_options, TW_LSTSQ_STREAM_OPTIONS_INIT, 40); }
static void stream_file(void) { SIZES_OF(call_stream_file, tw_stream_file_options, TW_STREAM_FILE_OPTIONS_INIT, 72); }
static void parameters(void) { SIZES_OF(call_parameters, tw_parameter_blocks, TW_PARAMETER_BLOCKS_INIT, 80); }
static void problem(void) { SIZES_OF(call_problem, tw_problem_options, TW_PROBLEM_OPTIONS_INIT, 96); }
static void linear(void) { SIZES_OF(call_linear, tw_linear_options, TW_LINEAR_OPTIONS_INIT, 40); }
static void conv_layer(void) { SIZES_OF(call_conv_layer, tw_conv_layer_options, TW_CONV_LAYER_OPTIONS_INIT, 120); }
static void pooling(void) { SIZES_OF(call_pooling, tw_pooling_options, TW_POOLING_OPTIONS_INIT, 80); }
static void upsample(void) { SIZES_OF(call_upsample, tw_upsample_options, TW_UPSAMPLE_OPTIONS_INIT, 48); }
static void channel_norm(void) {
    SIZES_OF(call_channel_norm, tw_channel_norm_options, TW_CHANNEL_NORM_OPTIONS_INIT, 32);
}
static void norm(void) { SIZES_OF(call_norm, tw_norm_options, TW_NORM_OPTIONS_INIT, 24); }
static void activation(void) {
    SIZES_OF(call_activation, tw_activation_options, TW_ACTIVATION_OPTIONS_INIT, 80);
}
static void initializer(void) {
    SIZES_OF(call_initializer, tw_initializer_options, TW_INITIALIZER_OPTIONS_INIT, 72);
}
static void embedding(void) { SIZES_OF(call_embedding, tw_embedding_options, TW_EMBEDDING_OPTIONS_INIT, 80); }
static void bag(void) { SIZES_OF(call_bag, tw_bag_options, TW_BAG_OPTIONS_INIT, 32); }
static void rotary(void) { SIZES_OF(call_rotary, tw_rotary_options, TW_ROTARY_OPTIONS_INIT, 40); }
static void recurrent(void) { SIZES_OF(call_lstm, tw_recurrent_options, TW_RECURRENT_OPTIONS_INIT, 56); }
static void multihead_attention(void) {
    SIZES_OF(call_multihead_attention, tw_multihead_attention_options, TW_MULTIHEAD_ATTENTION_OPTIONS_INIT, 72);
}
static void transformer(void) { SIZES_OF(call_transformer, tw_transformer_options, TW_TRANSFORMER_OPTIONS_INIT, 80); }
static void attention_context(void) {
    SIZES_OF(call_attention_context, tw_attention_context, TW_ATTENTION_CONTEXT_INIT, 56);
}
static void loader(void) { SIZES_OF(call_loader, tw_loader_options, TW_LOADER_OPTIONS_INIT, 32); }
static void sgd(void) { SIZES_OF(call_sgd, tw_sgd_options, TW_SGD_OPTIONS_INIT, 40); }
static void rmsprop(void) { SIZES_OF(call_rmsprop, tw_rmsprop_options, TW_RMSPROP_OPTIONS_INIT, 48); }
static void adam(void) { SIZES_OF(call_adam, tw_adam_options, TW_ADAM_OPTIONS_INIT, 48); }
static void nadam(void) { SIZES_OF(call_nadam, tw_adam_options, TW_NADAM_OPTIONS_INIT, 48); }
static void radam(void) { SIZES_OF(call_radam, tw_adam_options, TW_RADAM_OPTIONS_INIT, 48); }
static void adamax(void) { SIZES_OF(call_adamax, tw_adam_options, TW_ADAMAX_OPTIONS_INIT, 48); }
static void lion(void) { SIZES_OF(call_lion, tw_adam_options, TW_LION_OPTIONS_INIT, 48); }
static void lamb(void) { SIZES_OF(call_lamb, tw_adam_options, TW_LAMB_OPTIONS_INIT, 48); }
static void adagrad(void) { SIZES_OF(call_adagrad, tw_adagrad_options, TW_ADAGRAD_OPTIONS_INIT, 88); }
static void adadelta(void) { SIZES_OF(call_adadelta, tw_adadelta_options, TW_ADADELTA_OPTIONS_INIT, 80); }
static void adafactor(void) { SIZES_OF(call_adafactor, tw_adafactor_options, TW_ADAFACTOR_OPTIONS_INIT, 96); }
static void muon(void) { SIZES_OF(call_muon, tw_muon_options, TW_MUON_OPTIONS_INIT, 152); }
static void adamw(void) { SIZES_OF(call_adamw, tw_adam_options, TW_ADAMW_OPTIONS_INIT, 48); }
static void lbfgs(void) { SIZES_OF(call_lbfgs, tw_lbfgs_options, TW_LBFGS_OPTIONS_INIT, 56); }
static void levenberg_marquardt(void) {
    SIZES_OF(call_levenberg_marquardt, tw_levenberg_marquardt_options, TW_LEVENBERG_MARQUARDT_OPTIONS_INIT, 120);
}
static void grad(void) { SIZES_OF(call_grad, tw_grad_options, TW_GRAD_OPTIONS_INIT, 24); }
static void csv(void) { SIZES_OF(call_csv, tw_csv_options, TW_CSV_OPTIONS_INIT, 32); }
static tw_status call_checkpoint(const void *options) {
    tw_module *m = NULL;
    tw_status status = tw_relu_new(&m);
    if (status == TW_OK) status = tw_checkpoint_save("/tmp/talweg-options.safetensors", m, options, NULL, 0);
    tw_module_free(m);
    return status;
}

static void checkpoint(void) { SIZES_OF(call_checkpoint, tw_checkpoint_options, TW_CHECKPOINT_OPTIONS_INIT, 40); }
static void fit(void) { SIZES_OF(call_fit, tw_fit_options, TW_FIT_OPTIONS_INIT, 136); }
static void mae_loss(void) { SIZES_OF(call_mae_loss, tw_loss_options, TW_LOSS_OPTIONS_INIT, 16); }
static void huber_loss(void) { SIZES_OF(call_huber_loss, tw_huber_loss_options, TW_HUBER_LOSS_OPTIONS_INIT, 24); }
static void smooth_l1_loss(void) {
    SIZES_OF(call_smooth_l1_loss, tw_smooth_l1_loss_options, TW_SMOOTH_L1_LOSS_OPTIONS_INIT, 24);
}
static void poisson_nll_loss(void) {
    SIZES_OF(call_poisson_nll_loss, tw_poisson_nll_loss_options, TW_POISSON_NLL_LOSS_OPTIONS_INIT, 24);
}
static void gaussian_nll_loss(void) {
    SIZES_OF(call_gaussian_nll_loss, tw_gaussian_nll_loss_options, TW_GAUSSIAN_NLL_LOSS_OPTIONS_INIT, 24);
}
static void bce_with_logits_loss(void) {
    SIZES_OF(call_bce_with_logits_loss, tw_bce_with_logits_loss_options, TW_BCE_WITH_LOGITS_LOSS_OPTIONS_INIT, 32);
}
static void bce_loss(void) { SIZES_OF(call_bce_loss, tw_bce_loss_options, TW_BCE_LOSS_OPTIONS_INIT, 24); }
static void sigmoid_focal_loss(void) {
    SIZES_OF(call_sigmoid_focal_loss, tw_sigmoid_focal_loss_options, TW_SIGMOID_FOCAL_LOSS_OPTIONS_INIT, 32);
}
static void cross_entropy_loss_with(void) {
    SIZES_OF(call_cross_entropy_loss_with, tw_cross_entropy_options, TW_CROSS_ENTROPY_OPTIONS_INIT, 24);
}
static void nll_loss(void) { SIZES_OF(call_nll_loss, tw_nll_loss_options, TW_NLL_LOSS_OPTIONS_INIT, 32); }
static void focal_loss(void) { SIZES_OF(call_focal_loss, tw_focal_loss_options, TW_FOCAL_LOSS_OPTIONS_INIT, 40); }
static void multi_margin_loss(void) {
    SIZES_OF(call_multi_margin_loss, tw_multi_margin_loss_options, TW_MULTI_MARGIN_LOSS_OPTIONS_INIT, 40);
}
static void kl_div_loss(void) { SIZES_OF(call_kl_div_loss, tw_kl_div_loss_options, TW_KL_DIV_LOSS_OPTIONS_INIT, 16); }
static void cosine_embedding_loss(void) {
    SIZES_OF(call_cosine_embedding_loss, tw_cosine_embedding_loss_options, TW_COSINE_EMBEDDING_LOSS_OPTIONS_INIT, 24);
}
static void triplet_margin_loss(void) {
    SIZES_OF(call_triplet_margin_loss, tw_triplet_margin_loss_options, TW_TRIPLET_MARGIN_LOSS_OPTIONS_INIT, 48);
}
static void info_nce_loss(void) {
    SIZES_OF(call_info_nce_loss, tw_info_nce_loss_options, TW_INFO_NCE_LOSS_OPTIONS_INIT, 32);
}
static void ctc_loss(void) { SIZES_OF(call_ctc_loss, tw_ctc_loss_options, TW_CTC_LOSS_OPTIONS_INIT, 32); }

int main(void) {
    x = MATRIX(NULL, 3, 1, 1, 2, 3);
    y = MATRIX(NULL, 3, 1, 2, 4, 7);
    flat = VECTOR(NULL, 2, 4, 7);
    RUN(lstsq);
    RUN(glm);
    RUN(constrained);
    RUN(total);
    RUN(polynomial);
    RUN(spline);
    RUN(robust);
    RUN(huber);
    RUN(stochastic);
    RUN(summary);
    RUN(stream);
    RUN(stream_file);
    RUN(parameters);
    RUN(problem);
    RUN(linear);
    RUN(conv_layer);
    RUN(pooling);
    RUN(upsample);
    RUN(channel_norm);
    RUN(norm);
    RUN(activation);
    RUN(initializer);
    RUN(embedding);
    RUN(bag);
    RUN(rotary);
    RUN(recurrent);
    RUN(multihead_attention);
    RUN(transformer);
    RUN(attention_context);
    RUN(loader);
    RUN(sgd);
    RUN(rmsprop);
    RUN(adam);
    RUN(adamw);
    RUN(nadam);
    RUN(radam);
    RUN(adamax);
    RUN(lion);
    RUN(lamb);
    RUN(adagrad);
    RUN(adadelta);
    RUN(adafactor);
    RUN(muon);
    RUN(lbfgs);
    RUN(levenberg_marquardt);
    RUN(grad);
    RUN(csv);
    RUN(fit);
    RUN(mae_loss);
    RUN(huber_loss);
    RUN(smooth_l1_loss);
    RUN(poisson_nll_loss);
    RUN(gaussian_nll_loss);
    RUN(bce_with_logits_loss);
    RUN(bce_loss);
    RUN(sigmoid_focal_loss);
    RUN(cross_entropy_loss_with);
    RUN(nll_loss);
    RUN(focal_loss);
    RUN(multi_margin_loss);
    RUN(kl_div_loss);
    RUN(cosine_embedding_loss);
    RUN(triplet_margin_loss);
    RUN(info_nce_loss);
    RUN(ctc_loss);
    RUN(checkpoint);
    tw_release(x);
    tw_release(y);
    tw_release(flat);
    remove("/tmp/talweg-options.csv");
    remove("/tmp/talweg-options.safetensors");
    return check_report();
}
