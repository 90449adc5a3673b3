/**
 * @file loss.h
 * Losses and penalties, to be minimised.
 *
 * A loss takes a prediction and a target, and options (NULL: their _INIT). It is one element, or, with
 * TW_REDUCTION_NONE, one for each element or row. It is differentiable by the prediction, and where it says no other
 * by the target. float16 and bfloat16 are computed in float32, which the loss then is.
 *
 * Each refuses shapes that do not fit (TW_ERROR_SHAPE), the mean of an empty batch among them, and options outside
 * their ranges (TW_ERROR_INVALID_ARGUMENT).
 */
#ifndef TALWEG_LOSS_H
#define TALWEG_LOSS_H

#include "module.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Losses by value, for the fit loop: means, with the defaults of their options. */
typedef enum tw_loss {
    TW_LOSS_MSE = 0,
    TW_LOSS_CROSS_ENTROPY = 1,
    TW_LOSS_MAE = 2,
    TW_LOSS_HUBER = 3,
    TW_LOSS_SMOOTH_L1 = 4,
    TW_LOSS_LOG_COSH = 5,
    TW_LOSS_BCE_WITH_LOGITS = 6,
    TW_LOSS_BCE = 7,
    /** Of integer labels, as are those of cross-entropy, multi-margin and focal. */
    TW_LOSS_NLL = 8,
    /** With TW_REDUCTION_BATCH_MEAN. */
    TW_LOSS_KL_DIV = 9,
    TW_LOSS_POISSON_NLL = 10,
    TW_LOSS_HINGE = 11,
    TW_LOSS_SQUARED_HINGE = 12,
    TW_LOSS_MULTI_MARGIN = 13,
    TW_LOSS_FOCAL = 14,
    TW_LOSS_SIGMOID_FOCAL = 15
} tw_loss;

/** What becomes of the losses of single elements or rows. */
typedef enum tw_reduction {
    TW_REDUCTION_MEAN = 0,
    TW_REDUCTION_SUM = 1,
    TW_REDUCTION_NONE = 2,
    /** The sum over the size of the first axis; of tw_kl_div_loss alone. */
    TW_REDUCTION_BATCH_MEAN = 3
} tw_reduction;

/** Of losses that have no other options. */
typedef struct tw_loss_options {
    size_t struct_size;
    tw_reduction reduction;
} tw_loss_options;

#define TW_LOSS_OPTIONS_INIT {sizeof(tw_loss_options), TW_REDUCTION_MEAN}

/* ---- Of numbers. The shapes of prediction and target must agree exactly. ---- */

/** mean((prediction - target)^2). */
tw_tensor *tw_mse_loss(tw_scope *scope, const tw_tensor *prediction, const tw_tensor *target);
/** (prediction - target)^2. */
tw_tensor *tw_mse_loss_with(tw_scope *scope, const tw_tensor *prediction, const tw_tensor *target,
                            const tw_loss_options *options);
/** |prediction - target|; its slope at 0 is 0. */
tw_tensor *tw_mae_loss(tw_scope *scope, const tw_tensor *prediction, const tw_tensor *target,
                       const tw_loss_options *options);
/** log(cosh(prediction - target)): half the square of small errors, the magnitude less log 2 of large ones. */
tw_tensor *tw_log_cosh_loss(tw_scope *scope, const tw_tensor *prediction, const tw_tensor *target,
                            const tw_loss_options *options);

typedef struct tw_huber_loss_options {
    size_t struct_size;
    tw_reduction reduction;
    /** Above 0. */
    double delta;
} tw_huber_loss_options;

#define TW_HUBER_LOSS_OPTIONS_INIT {sizeof(tw_huber_loss_options), TW_REDUCTION_MEAN, 1.0}

/** Of d = prediction - target: d^2 / 2 where |d| <= delta, else delta (|d| - delta / 2) (Huber, 1964). */
tw_tensor *tw_huber_loss(tw_scope *scope, const tw_tensor *prediction, const tw_tensor *target,
                         const tw_huber_loss_options *options);

typedef struct tw_smooth_l1_loss_options {
    size_t struct_size;
    tw_reduction reduction;
    /** 0 or more; 0 is tw_mae_loss. */
    double beta;
} tw_smooth_l1_loss_options;

#define TW_SMOOTH_L1_LOSS_OPTIONS_INIT {sizeof(tw_smooth_l1_loss_options), TW_REDUCTION_MEAN, 1.0}

/** Of d = prediction - target: d^2 / (2 beta) where |d| < beta, else |d| - beta / 2 (Girshick, 2015). */
tw_tensor *tw_smooth_l1_loss(tw_scope *scope, const tw_tensor *prediction, const tw_tensor *target,
                             const tw_smooth_l1_loss_options *options);

typedef struct tw_poisson_nll_loss_options {
    size_t struct_size;
    tw_reduction reduction;
    /** The prediction is the logarithm of the rate; else the rate. */
    bool log_input;
    /** Add Stirling's approximation of log target!, for targets above 1. */
    bool full;
    /** Added to a rate before its logarithm; above 0. */
    double epsilon;
} tw_poisson_nll_loss_options;

#define TW_POISSON_NLL_LOSS_OPTIONS_INIT \
    {sizeof(tw_poisson_nll_loss_options), TW_REDUCTION_MEAN, true, false, 1e-8}

/** rate - target log rate: the negative logarithm of a Poisson probability of the target, less log target!. */
tw_tensor *tw_poisson_nll_loss(tw_scope *scope, const tw_tensor *prediction, const tw_tensor *target,
                               const tw_poisson_nll_loss_options *options);

typedef struct tw_gaussian_nll_loss_options {
    size_t struct_size;
    tw_reduction reduction;
    /** With the density's constant, log(2 pi) / 2. */
    bool full;
    /** The least variance that is taken, unseen by the gradient; above 0. */
    double epsilon;
} tw_gaussian_nll_loss_options;

#define TW_GAUSSIAN_NLL_LOSS_OPTIONS_INIT {sizeof(tw_gaussian_nll_loss_options), TW_REDUCTION_MEAN, false, 1e-6}

/**
 * (log variance + (prediction - target)^2 / variance) / 2 (Nix and Weigend, 1994).
 * @param variance  of the prediction's shape, or without its last axis, or with size 1 there; below 0 is
 *                  TW_ERROR_INVALID_ARGUMENT
 */
tw_tensor *tw_gaussian_nll_loss(tw_scope *scope, const tw_tensor *prediction, const tw_tensor *target,
                                const tw_tensor *variance, const tw_gaussian_nll_loss_options *options);

/* ---- Of two classes. The shapes of prediction and target must agree exactly. ---- */

typedef struct tw_bce_with_logits_loss_options {
    size_t struct_size;
    tw_reduction reduction;
    /** How much each element counts, and how much target 1 counts, constants that broadcast to the target's shape;
        NULL: ones. */
    const tw_tensor *weight;
    const tw_tensor *pos_weight;
} tw_bce_with_logits_loss_options;

#define TW_BCE_WITH_LOGITS_LOSS_OPTIONS_INIT \
    {sizeof(tw_bce_with_logits_loss_options), TW_REDUCTION_MEAN, NULL, NULL}

/** -(y log p + (1 - y) log(1 - p)) of targets y and logits x, p = 1 / (1 + exp(-x)), without overflow. */
tw_tensor *tw_bce_with_logits_loss(tw_scope *scope, const tw_tensor *logits, const tw_tensor *target,
                                   const tw_bce_with_logits_loss_options *options);

typedef struct tw_bce_loss_options {
    size_t struct_size;
    tw_reduction reduction;
    /** How much each element counts, a constant that broadcasts to the target's shape; NULL: ones. */
    const tw_tensor *weight;
} tw_bce_loss_options;

#define TW_BCE_LOSS_OPTIONS_INIT {sizeof(tw_bce_loss_options), TW_REDUCTION_MEAN, NULL}

/**
 * The same of probabilities p. Logarithms count as -100 where they are less.
 * Elements of either outside 0 ... 1 are TW_ERROR_INVALID_ARGUMENT.
 */
tw_tensor *tw_bce_loss(tw_scope *scope, const tw_tensor *probabilities, const tw_tensor *target,
                       const tw_bce_loss_options *options);

/** max(0, 1 - target prediction) with targets -1 or 1; others are TW_ERROR_INVALID_ARGUMENT. */
tw_tensor *tw_hinge_loss(tw_scope *scope, const tw_tensor *prediction, const tw_tensor *target,
                         const tw_loss_options *options);
/** The square of tw_hinge_loss. */
tw_tensor *tw_squared_hinge_loss(tw_scope *scope, const tw_tensor *prediction, const tw_tensor *target,
                                 const tw_loss_options *options);

typedef struct tw_sigmoid_focal_loss_options {
    size_t struct_size;
    tw_reduction reduction;
    /** How much target 1 counts, 0 ... 1, target 0 counting 1 - alpha; -1: both count 1. */
    double alpha;
    /** 0 or more. */
    double gamma;
} tw_sigmoid_focal_loss_options;

#define TW_SIGMOID_FOCAL_LOSS_OPTIONS_INIT {sizeof(tw_sigmoid_focal_loss_options), TW_REDUCTION_MEAN, 0.25, 2.0}

/**
 * Binary cross-entropy of logits, each times (1 - q)^gamma, q the probability of what is true (Lin et al., "Focal loss
 * for dense object detection", 2017). Targets other than 0 and 1 are TW_ERROR_INVALID_ARGUMENT.
 */
tw_tensor *tw_sigmoid_focal_loss(tw_scope *scope, const tw_tensor *logits, const tw_tensor *target,
                                 const tw_sigmoid_focal_loss_options *options);

/* ---- Of several classes. Labels are integers in 0 ... classes - 1; others are TW_ERROR_INDEX. ---- */

/**
 * The mean over rows of -log softmax(logits)[label].
 * @param logits  [n, classes], floating
 * @param labels  [n], integers in 0 ... classes - 1; others are TW_ERROR_INDEX
 */
tw_tensor *tw_cross_entropy_loss(tw_scope *scope, const tw_tensor *logits, const tw_tensor *labels);

typedef struct tw_cross_entropy_options {
    size_t struct_size;
    /** Rows with this label have no loss and do not count in the mean. */
    int64_t ignore_index;
    /** 0 ... 1: this share of the target is spread evenly over all classes (Szegedy et al., 2016). */
    double label_smoothing;
    /** How much each class counts, a constant [classes]; NULL: all alike. The mean of labels is over their weights. */
    const tw_tensor *weight;
    tw_reduction reduction;
} tw_cross_entropy_options;

#define TW_CROSS_ENTROPY_OPTIONS_INIT {sizeof(tw_cross_entropy_options), -100, 0.0, NULL, TW_REDUCTION_MEAN}

/**
 * tw_cross_entropy_loss with options (NULL: the defaults). NaN if every row is ignored.
 * @param logits  [n, classes], [n, classes, ..] or [classes]
 * @param labels  integers [n], [n, ..] or one; or, floating, shares of the classes, of the logits' shape
 */
tw_tensor *tw_cross_entropy_loss_with(tw_scope *scope, const tw_tensor *logits, const tw_tensor *labels,
                                      const tw_cross_entropy_options *options);

typedef struct tw_nll_loss_options {
    size_t struct_size;
    tw_reduction reduction;
    /** As of tw_cross_entropy_options. */
    const tw_tensor *weight;
    int64_t ignore_index;
} tw_nll_loss_options;

#define TW_NLL_LOSS_OPTIONS_INIT {sizeof(tw_nll_loss_options), TW_REDUCTION_MEAN, NULL, -100}

/** -log_probabilities[label], of shapes as in tw_cross_entropy_loss_with. The mean is over the weights of the labels
    that count, NaN if none does. */
tw_tensor *tw_nll_loss(tw_scope *scope, const tw_tensor *log_probabilities, const tw_tensor *labels,
                       const tw_nll_loss_options *options);

typedef struct tw_focal_loss_options {
    size_t struct_size;
    tw_reduction reduction;
    /** 0 or more; 0 is cross-entropy. */
    double gamma;
    /** As of tw_cross_entropy_options, but that the mean is over rows. */
    const tw_tensor *weight;
    int64_t ignore_index;
} tw_focal_loss_options;

#define TW_FOCAL_LOSS_OPTIONS_INIT {sizeof(tw_focal_loss_options), TW_REDUCTION_MEAN, 2.0, NULL, -100}

/** Cross-entropy of logits, each row's times (1 - q)^gamma, q the probability of its label (Lin et al., 2017); of
    shapes as in tw_cross_entropy_loss_with. */
tw_tensor *tw_focal_loss(tw_scope *scope, const tw_tensor *logits, const tw_tensor *labels,
                         const tw_focal_loss_options *options);

typedef struct tw_multi_margin_loss_options {
    size_t struct_size;
    tw_reduction reduction;
    /** The power: 1 or 2. */
    int64_t p;
    double margin;
    /** How much each class counts as label, a constant [classes]; NULL: all alike. The mean is over rows. */
    const tw_tensor *weight;
} tw_multi_margin_loss_options;

#define TW_MULTI_MARGIN_LOSS_OPTIONS_INIT {sizeof(tw_multi_margin_loss_options), TW_REDUCTION_MEAN, 1, 1.0, NULL}

/** The sum over the other classes j of max(0, margin - score[label] + score[j])^p, over the number of classes; scores
    [n, classes] or [classes] (Crammer and Singer, 2001). */
tw_tensor *tw_multi_margin_loss(tw_scope *scope, const tw_tensor *scores, const tw_tensor *labels,
                                const tw_multi_margin_loss_options *options);

/* ---- Of distributions, vectors and sequences ---- */

typedef struct tw_kl_div_loss_options {
    size_t struct_size;
    /** TW_REDUCTION_BATCH_MEAN is the divergence of its definition; the mean divides by the number of elements. */
    tw_reduction reduction;
    /** The target is a logarithm too. */
    bool log_target;
} tw_kl_div_loss_options;

#define TW_KL_DIV_LOSS_OPTIONS_INIT {sizeof(tw_kl_div_loss_options), TW_REDUCTION_MEAN, false}

/** p (log p - log q), element by element, of target p and prediction log q; 0 where p is 0 (Kullback and Leibler,
    1951). The shapes must agree exactly. */
tw_tensor *tw_kl_div_loss(tw_scope *scope, const tw_tensor *log_probabilities, const tw_tensor *target,
                          const tw_kl_div_loss_options *options);

typedef struct tw_cosine_embedding_loss_options {
    size_t struct_size;
    tw_reduction reduction;
    /** -1 ... 1 */
    double margin;
} tw_cosine_embedding_loss_options;

#define TW_COSINE_EMBEDDING_LOSS_OPTIONS_INIT {sizeof(tw_cosine_embedding_loss_options), TW_REDUCTION_MEAN, 0.0}

/**
 * 1 - cos(first, second) where the target is 1, max(0, cos(first, second) - margin) where it is -1.
 * @param first, second  [n, width] or [width], of equal shapes
 * @param target         -1 or 1, a constant [n] or one; others are TW_ERROR_INVALID_ARGUMENT
 */
tw_tensor *tw_cosine_embedding_loss(tw_scope *scope, const tw_tensor *first, const tw_tensor *second,
                                    const tw_tensor *target, const tw_cosine_embedding_loss_options *options);

typedef struct tw_triplet_margin_loss_options {
    size_t struct_size;
    tw_reduction reduction;
    /** Above 0. */
    double margin;
    /** The norm's order, above 0. */
    double p;
    /** Added to each difference. */
    double epsilon;
    /** Take |positive - negative| for |anchor - negative| where it is less (Balntas et al., 2016). */
    bool swap;
} tw_triplet_margin_loss_options;

#define TW_TRIPLET_MARGIN_LOSS_OPTIONS_INIT \
    {sizeof(tw_triplet_margin_loss_options), TW_REDUCTION_MEAN, 1.0, 2.0, 1e-6, false}

/** max(0, |anchor - positive| - |anchor - negative| + margin), by norms along the last axis of three tensors of one
    shape, [.., width] (Schroff et al., 2015). */
tw_tensor *tw_triplet_margin_loss(tw_scope *scope, const tw_tensor *anchor, const tw_tensor *positive,
                                  const tw_tensor *negative, const tw_triplet_margin_loss_options *options);

typedef struct tw_info_nce_loss_options {
    size_t struct_size;
    tw_reduction reduction;
    /** Above 0. */
    double temperature;
    /** Further keys, of none of the queries [m, width], or of none of its row's query [n, m, width]; NULL: the keys
        of the other rows. */
    const tw_tensor *negatives;
} tw_info_nce_loss_options;

#define TW_INFO_NCE_LOSS_OPTIONS_INIT {sizeof(tw_info_nce_loss_options), TW_REDUCTION_MEAN, 0.1, NULL}

/**
 * Cross-entropy of telling each query's key among others by their cosines over the temperature (van den Oord et al.,
 * "Representation learning with contrastive predictive coding", 2018).
 * @param query, keys  [n, width] each, a row of keys belonging to that of the query
 */
tw_tensor *tw_info_nce_loss(tw_scope *scope, const tw_tensor *query, const tw_tensor *keys,
                            const tw_info_nce_loss_options *options);

typedef struct tw_ctc_loss_options {
    size_t struct_size;
    /** The mean is of each loss over its number of labels, 1 at least. */
    tw_reduction reduction;
    int64_t blank;
    /** Infinite losses, and their gradients, are 0; else their gradients are NaN. */
    bool zero_infinity;
} tw_ctc_loss_options;

#define TW_CTC_LOSS_OPTIONS_INIT {sizeof(tw_ctc_loss_options), TW_REDUCTION_MEAN, 0, false}

/**
 * Connectionist temporal classification (Graves et al., 2006): minus the logarithm of the probability of the labels,
 * over all ways of putting blanks between them and repeating them. Infinite where the input is too short for them.
 * @param log_probabilities  [steps, n, classes] or [steps, classes], such as of tw_log_softmax
 * @param targets            integer labels, none of them the blank: [n, longest], or all close together
 * @param input_lengths      integers [n]: how many steps count, 1 ... steps
 * @param target_lengths     integers [n]: how many labels count
 * @return NULL with TW_ERROR_INDEX for lengths and labels out of range
 */
tw_tensor *tw_ctc_loss(tw_scope *scope, const tw_tensor *log_probabilities, const tw_tensor *targets,
                       const tw_tensor *input_lengths, const tw_tensor *target_lengths,
                       const tw_ctc_loss_options *options);

/* ---- Penalties ---- */

/** sum |p| over the parameters named "weight" here and below (biases are left alone). */
tw_tensor *tw_l1_penalty(tw_scope *scope, const tw_module *module);

/** sum p^2 over the parameters named "weight" here and below (biases are left alone). */
tw_tensor *tw_l2_penalty(tw_scope *scope, const tw_module *module);

#ifdef __cplusplus
}
#endif

#endif
