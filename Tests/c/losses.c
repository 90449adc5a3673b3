/* Losses against values worked out by hand; Tests/python/test_losses.py has PyTorch's. */
#include "check.h"

static void of_numbers(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *x = VECTOR(s, 0, 3, -1), *y = VECTOR(s, 0.5, 0, 1);
    tw_loss_options plain = TW_LOSS_OPTIONS_INIT;
    VALUES(tw_mae_loss(s, x, y, NULL), 1e-15, 5.5 / 3);
    VALUES(tw_mse_loss_with(s, x, y, NULL), 1e-15, 13.25 / 3);
    plain.reduction = TW_REDUCTION_SUM;
    VALUES(tw_mse_loss_with(s, x, y, &plain), 1e-15, 13.25);
    plain.reduction = TW_REDUCTION_NONE;
    VALUES(tw_mae_loss(s, x, y, &plain), 0, 0.5, 3, 2);
    VALUES(tw_log_cosh_loss(s, x, y, &plain), 1e-15, log(cosh(0.5)), log(cosh(3)), log(cosh(2)));
    tw_huber_loss_options huber = TW_HUBER_LOSS_OPTIONS_INIT;
    huber.reduction = TW_REDUCTION_NONE;
    huber.delta = 2;
    VALUES(tw_huber_loss(s, x, y, &huber), 1e-15, 0.125, 4, 2);
    tw_smooth_l1_loss_options smooth = TW_SMOOTH_L1_LOSS_OPTIONS_INIT;
    smooth.reduction = TW_REDUCTION_NONE;
    smooth.beta = 2;
    VALUES(tw_smooth_l1_loss(s, x, y, &smooth), 1e-15, 0.0625, 2, 1);
    smooth.beta = 0;
    VALUES(tw_smooth_l1_loss(s, x, y, &smooth), 0, 0.5, 3, 2);
    tw_poisson_nll_loss_options poisson = TW_POISSON_NLL_LOSS_OPTIONS_INIT;
    VALUES(tw_poisson_nll_loss(s, VECTOR(s, 0, log(2)), VECTOR(s, 1, 3), &poisson), 1e-15, (1 + 2 - 3 * log(2)) / 2);
    poisson.log_input = false;
    poisson.epsilon = 1e-300;
    VALUES(tw_poisson_nll_loss(s, VECTOR(s, 1, 2), VECTOR(s, 1, 3), &poisson), 1e-15, (1 + 2 - 3 * log(2)) / 2);
    VALUES(tw_gaussian_nll_loss(s, VECTOR(s, 0, 1), VECTOR(s, 2, 1), VECTOR(s, 4, 1), NULL), 1e-15,
           (log(4) / 2 + 0.5) / 2);
    CHECK(tw_scope_status(s) == TW_OK);
    REFUSES(TW_ERROR_SHAPE, tw_mae_loss(NULL, x, VECTOR(s, 1), NULL));
    REFUSES(TW_ERROR_NULL, tw_huber_loss(NULL, x, NULL, NULL));
    huber.delta = -1;
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_huber_loss(NULL, x, y, &huber));
    plain.reduction = (tw_reduction)7;
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_mae_loss(NULL, x, y, &plain));
    plain.reduction = TW_REDUCTION_BATCH_MEAN;
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_mae_loss(NULL, x, y, &plain));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_gaussian_nll_loss(NULL, x, y, VECTOR(s, 1, -1, 1), NULL));
    tw_scope_free(s);
}

static void of_two_classes(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *x = VECTOR(s, 0, log(3)), *y = VECTOR(s, 1, 0), *signs = VECTOR(s, 1, -1);
    /* Probabilities 1/2 and 3/4. */
    VALUES(tw_bce_with_logits_loss(s, x, y, NULL), 1e-15, (log(2) + log(4)) / 2);
    VALUES(tw_bce_loss(s, VECTOR(s, 0.5, 0.75), y, NULL), 1e-15, (log(2) + log(4)) / 2);
    VALUES(tw_bce_loss(s, VECTOR(s, 0, 0), y, NULL), 0, 50);
    tw_bce_with_logits_loss_options weights = TW_BCE_WITH_LOGITS_LOSS_OPTIONS_INIT;
    weights.reduction = TW_REDUCTION_NONE;
    weights.weight = VECTOR(s, 2, 3);
    weights.pos_weight = VECTOR(s, 10);
    VALUES(tw_bce_with_logits_loss(s, x, y, &weights), 1e-14, 20 * log(2), 3 * log(4));
    VALUES(tw_hinge_loss(s, VECTOR(s, 0.25, 2), signs, NULL), 0, (0.75 + 3) / 2);
    VALUES(tw_squared_hinge_loss(s, VECTOR(s, 0.25, 2), signs, NULL), 0, (0.5625 + 9) / 2);
    tw_sigmoid_focal_loss_options focal = TW_SIGMOID_FOCAL_LOSS_OPTIONS_INIT;
    focal.reduction = TW_REDUCTION_NONE;
    VALUES(tw_sigmoid_focal_loss(s, x, y, &focal), 1e-15, log(2) / 16, 0.75 * 9 / 16 * log(4));
    focal.alpha = -1;
    VALUES(tw_sigmoid_focal_loss(s, x, y, &focal), 1e-15, log(2) / 4, 9 * log(4) / 16);
    CHECK(tw_scope_status(s) == TW_OK);
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_bce_loss(NULL, VECTOR(s, 0.5, 1.5), y, NULL));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_bce_loss(NULL, VECTOR(s, 0.5, NAN), y, NULL));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_hinge_loss(NULL, x, y, NULL));
    weights.weight = VECTOR(s, 1, 2, 3);
    REFUSES(TW_ERROR_SHAPE, tw_bce_with_logits_loss(NULL, x, y, &weights));
    tw_scope_free(s);
}

static void of_classes(void) {
    tw_scope *s = tw_scope_new();
    /* Probabilities 1/4, 3/4; 1/2, 1/2. */
    tw_tensor *x = MATRIX(s, 2, 2, 0, log(3), 7, 7), *labels = INTEGERS(s, 0, 1);
    tw_cross_entropy_options options = TW_CROSS_ENTROPY_OPTIONS_INIT;
    options.weight = VECTOR(s, 3, 1);
    VALUES(tw_cross_entropy_loss_with(s, x, labels, &options), 1e-15, (3 * log(4) + log(2)) / 4);
    options.reduction = TW_REDUCTION_NONE;
    VALUES(tw_cross_entropy_loss_with(s, x, labels, &options), 1e-14, 3 * log(4), log(2));
    options.weight = NULL;
    VALUES(tw_cross_entropy_loss_with(s, x, MATRIX(s, 2, 2, 0.5, 0.5, 1, 0), &options), 1e-14,
           (log(4) + log(4.0 / 3)) / 2, log(2));
    tw_tensor *scores = tw_log_softmax(s, x, 1);
    VALUES(tw_nll_loss(s, scores, labels, NULL), 1e-15, (log(4) + log(2)) / 2);
    tw_focal_loss_options focal = TW_FOCAL_LOSS_OPTIONS_INIT;
    focal.ignore_index = 1;
    VALUES(tw_focal_loss(s, x, labels, &focal), 1e-15, 9 * log(4) / 16);
    VALUES(tw_multi_margin_loss(s, MATRIX(s, 1, 3, 1, 0.5, 3), INTEGERS(s, 0), NULL), 1e-15, 3.5 / 3);
    tw_kl_div_loss_options divergence = TW_KL_DIV_LOSS_OPTIONS_INIT;
    divergence.reduction = TW_REDUCTION_BATCH_MEAN;
    VALUES(tw_kl_div_loss(s, scores, MATRIX(s, 2, 2, 0, 1, 0.5, 0.5), &divergence), 1e-15, log(4.0 / 3) / 2);
    CHECK(tw_scope_status(s) == TW_OK);
    REFUSES(TW_ERROR_INDEX, tw_nll_loss(NULL, scores, INTEGERS(s, 0, 2), NULL));
    options.weight = VECTOR(s, 1, 2, 3);
    REFUSES(TW_ERROR_SHAPE, tw_cross_entropy_loss_with(NULL, x, labels, &options));
    REFUSES(TW_ERROR_DTYPE, tw_focal_loss(NULL, x, VECTOR(s, 0, 1), NULL));
    tw_scope_free(s);
}

static void of_vectors(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *a = MATRIX(s, 2, 2, 1, 0, 0, 2), *b = MATRIX(s, 2, 2, 1, 1, 0, 1);
    VALUES(tw_cosine_embedding_loss(s, a, b, VECTOR(s, 1, -1), NULL), 1e-12, (1 - sqrt(0.5) + 1) / 2);
    tw_triplet_margin_loss_options triplet = TW_TRIPLET_MARGIN_LOSS_OPTIONS_INIT;
    triplet.epsilon = 0;
    triplet.margin = 0.5;
    VALUES(tw_triplet_margin_loss(s, a, b, tw_zeros(s, SIZES(2, 2), TW_FLOAT64), &triplet), 1e-15, 0.25);
    tw_info_nce_loss_options contrast = TW_INFO_NCE_LOSS_OPTIONS_INIT;
    contrast.temperature = 1;
    /* Cosines root 1/2 and 0; root 1/2 and 1. */
    double r = sqrt(0.5);
    VALUES(tw_info_nce_loss(s, a, b, &contrast), 1e-15, (log1p(exp(-r)) + log1p(exp(r - 1))) / 2);
    contrast.negatives = MATRIX(s, 1, 2, -1, 0);
    VALUES(tw_info_nce_loss(s, a, b, &contrast), 1e-15, (log1p(exp(-1 - r)) + log1p(exp(-1))) / 2);
    CHECK(tw_scope_status(s) == TW_OK);
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_cosine_embedding_loss(NULL, a, b, VECTOR(s, 1, 2), NULL));
    contrast.temperature = 0;
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_info_nce_loss(NULL, a, b, &contrast));
    tw_scope_free(s);
}

static void ctc(void) {
    tw_scope *s = tw_scope_new();
    /* Two steps, blank and one label, each of probability 1/2: three of the four paths give the label. */
    tw_tensor *p = tw_full(s, SIZES(2, 1, 2), log(0.5), TW_FLOAT64);
    tw_tensor *one = INTEGERS(s, 1), *two = INTEGERS(s, 2), *none = INTEGERS(s, 0);
    VALUES(tw_ctc_loss(s, p, one, two, one, NULL), 1e-15, log(4.0 / 3));
    REFUSES(TW_ERROR_SHAPE, tw_ctc_loss(NULL, p, one, two, none, NULL)); /* a label too many */
    OK(tw_tensor_set_requires_grad(p = tw_full(s, SIZES(2, 1, 2), log(0.5), TW_FLOAT64), true));
    tw_ctc_loss_options options = TW_CTC_LOSS_OPTIONS_INIT;
    OK(tw_backward(s, tw_ctc_loss(s, p, INTEGERS(s, 1), INTEGERS(s, 2), INTEGERS(s, 1), &options)));
    /* A third of the paths has the blank at a step. */
    VALUES(tw_tensor_grad(s, p), 1e-15, -1.0 / 3, -2.0 / 3, -1.0 / 3, -2.0 / 3);
    tw_tensor *twice = tw_reshape(s, INTEGERS(s, 1, 1), SIZES(1, 2));
    VALUES(tw_ctc_loss(s, p, twice, INTEGERS(s, 2), INTEGERS(s, 2), &options), 0, INFINITY);
    options.zero_infinity = true;
    VALUES(tw_ctc_loss(s, p, twice, INTEGERS(s, 2), INTEGERS(s, 2), &options), 0, 0);
    CHECK(tw_scope_status(s) == TW_OK);
    options.blank = 2;
    REFUSES(TW_ERROR_INDEX, tw_ctc_loss(NULL, p, twice, INTEGERS(s, 2), INTEGERS(s, 2), &options));
    options.blank = INT64_MAX;
    REFUSES(TW_ERROR_INDEX, tw_ctc_loss(NULL, p, twice, INTEGERS(s, 2), INTEGERS(s, 2), &options));
    REFUSES(TW_ERROR_INDEX, tw_ctc_loss(NULL, p, twice, INTEGERS(s, 3), INTEGERS(s, 2), NULL));
    REFUSES(TW_ERROR_INDEX, tw_ctc_loss(NULL, p, twice, INTEGERS(s, 2), INTEGERS(s, INT64_MAX), NULL));
    tw_scope_free(s);
}

int main(void) {
    RUN(of_numbers);
    RUN(of_two_classes);
    RUN(of_classes);
    RUN(of_vectors);
    RUN(ctc);
    return check_report();
}
