/* Losses and penalties. */
#include "talweg_python.h"

/* A loss of tensors, those that are needed and then those that may be NULL, with its options. */
typedef tw_tensor *(*Run)(tw_tensor *const *tensors, void *options);

/* The loss of objects of which tensors are made; the first `needed` may not be None. */
static PyObject *loss_of(PyObject *module, PyObject *const *objects, int needed, int count, Run run, void *options) {
    State *state = module_state(module);
    PyObject *held[5] = {NULL}, *result = NULL;
    tw_tensor *tensors[5] = {NULL};
    bool ready = true;
    for (int i = 0; ready && i < count; ++i) {
        if (i < needed) ready = (held[i] = tensor_from(state, objects[i], NULL, NULL)) != NULL;
        else ready = tensor_or_none(state, objects[i], &held[i]) == 0;
        if (held[i]) tensors[i] = TENSOR(held[i]);
    }
    if (ready) {
        tw_tensor *handle;
        UNLOCKED(handle = run(tensors, options))
        result = tensor_wrap(state, handle);
    }
    for (int i = 0; i < count; ++i) Py_XDECREF(held[i]);
    return result;
}

/* A converter for "O&": a name into a tw_reduction. */
static int to_reduction(PyObject *object, void *value) {
    static const char *names[] = {"mean", "sum", "none", "batchmean"};
    for (int i = 0; PyUnicode_Check(object) && i < 4; ++i)
        if (PyUnicode_CompareWithASCIIString(object, names[i]) == 0) {
            *(tw_reduction *)value = (tw_reduction)i;
            return 1;
        }
    PyErr_Format(PyExc_ValueError, "reduction %R is none of 'mean', 'sum', 'none', 'batchmean'", object);
    return 0;
}

/* ---- With no option but the reduction ---- */

static PyObject *plain(PyObject *module, PyObject *args, PyObject *kwargs, const char *format, Run run) {
    static char *names[] = {"input", "target", "reduction", NULL};
    PyObject *given[2];
    tw_loss_options options = TW_LOSS_OPTIONS_INIT;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, format, names, &given[0], &given[1], to_reduction,
                                     &options.reduction))
        return NULL;
    return loss_of(module, given, 2, 2, run, &options);
}

static tw_tensor *run_mse(tw_tensor *const *t, void *options) {
    tw_loss_options *given = options;
    return given->reduction == TW_REDUCTION_MEAN ? tw_mse_loss(NULL, t[0], t[1])
                                                 : tw_mse_loss_with(NULL, t[0], t[1], given);
}

static PyObject *mse_loss(PyObject *module, PyObject *args, PyObject *kwargs) {
    return plain(module, args, kwargs, "OO|$O&:mse_loss", run_mse);
}

static tw_tensor *run_l1_loss(tw_tensor *const *t, void *options) {
    return tw_mae_loss(NULL, t[0], t[1], options);
}

static PyObject *l1_loss(PyObject *module, PyObject *args, PyObject *kwargs) {
    return plain(module, args, kwargs, "OO|$O&:l1_loss", run_l1_loss);
}

static tw_tensor *run_log_cosh_loss(tw_tensor *const *t, void *options) {
    return tw_log_cosh_loss(NULL, t[0], t[1], options);
}

static PyObject *log_cosh_loss(PyObject *module, PyObject *args, PyObject *kwargs) {
    return plain(module, args, kwargs, "OO|$O&:log_cosh_loss", run_log_cosh_loss);
}

static tw_tensor *run_hinge_loss(tw_tensor *const *t, void *options) {
    return tw_hinge_loss(NULL, t[0], t[1], options);
}

static PyObject *hinge_loss(PyObject *module, PyObject *args, PyObject *kwargs) {
    return plain(module, args, kwargs, "OO|$O&:hinge_loss", run_hinge_loss);
}

static tw_tensor *run_squared_hinge_loss(tw_tensor *const *t, void *options) {
    return tw_squared_hinge_loss(NULL, t[0], t[1], options);
}

static PyObject *squared_hinge_loss(PyObject *module, PyObject *args, PyObject *kwargs) {
    return plain(module, args, kwargs, "OO|$O&:squared_hinge_loss", run_squared_hinge_loss);
}

/* ---- Of numbers and of two classes ---- */

static tw_tensor *run_huber_loss(tw_tensor *const *t, void *options) {
    return tw_huber_loss(NULL, t[0], t[1], options);
}

static PyObject *huber_loss(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"input", "target", "reduction", "delta", NULL};
    PyObject *given[2];
    tw_huber_loss_options options = TW_HUBER_LOSS_OPTIONS_INIT;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO|$O&d:huber_loss", names, &given[0],
                                     &given[1], to_reduction, &options.reduction, &options.delta))
        return NULL;
    return loss_of(module, given, 2, 2, run_huber_loss, &options);
}

static tw_tensor *run_smooth_l1_loss(tw_tensor *const *t, void *options) {
    return tw_smooth_l1_loss(NULL, t[0], t[1], options);
}

static PyObject *smooth_l1_loss(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"input", "target", "reduction", "beta", NULL};
    PyObject *given[2];
    tw_smooth_l1_loss_options options = TW_SMOOTH_L1_LOSS_OPTIONS_INIT;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO|$O&d:smooth_l1_loss", names,
                                     &given[0], &given[1], to_reduction, &options.reduction, &options.beta))
        return NULL;
    return loss_of(module, given, 2, 2, run_smooth_l1_loss, &options);
}

static tw_tensor *run_poisson_nll_loss(tw_tensor *const *t, void *options) {
    return tw_poisson_nll_loss(NULL, t[0], t[1], options);
}

static PyObject *poisson_nll_loss(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"input", "target", "reduction", "log_input", "full", "eps", NULL};
    PyObject *given[2];
    tw_poisson_nll_loss_options options = TW_POISSON_NLL_LOSS_OPTIONS_INIT;
    int log_input = 1;
    int full = 0;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO|$O&ppd:poisson_nll_loss", names,
                                     &given[0], &given[1], to_reduction, &options.reduction, &log_input, &full,
                                     &options.epsilon))
        return NULL;
    options.log_input = log_input;
    options.full = full;
    return loss_of(module, given, 2, 2, run_poisson_nll_loss, &options);
}

static tw_tensor *run_gaussian_nll_loss(tw_tensor *const *t, void *options) {
    return tw_gaussian_nll_loss(NULL, t[0], t[1], t[2], options);
}

static PyObject *gaussian_nll_loss(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"input", "target", "var", "reduction", "full", "eps", NULL};
    PyObject *given[3];
    tw_gaussian_nll_loss_options options = TW_GAUSSIAN_NLL_LOSS_OPTIONS_INIT;
    int full = 0;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OOO|$O&pd:gaussian_nll_loss", names,
                                     &given[0], &given[1], &given[2], to_reduction, &options.reduction, &full,
                                     &options.epsilon))
        return NULL;
    options.full = full;
    return loss_of(module, given, 3, 3, run_gaussian_nll_loss, &options);
}

static tw_tensor *run_binary_cross_entropy_with_logits(tw_tensor *const *t, void *options) {
    tw_bce_with_logits_loss_options *given = options;
    given->weight = t[2];
    given->pos_weight = t[3];
    return tw_bce_with_logits_loss(NULL, t[0], t[1], given);
}

static PyObject *binary_cross_entropy_with_logits(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"input", "target", "weight", "pos_weight", "reduction", NULL};
    PyObject *given[4] = {NULL, NULL, Py_None, Py_None};
    tw_bce_with_logits_loss_options options = TW_BCE_WITH_LOGITS_LOSS_OPTIONS_INIT;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs,
                                     "OO|OO$O&:binary_cross_entropy_with_logits", names, &given[0], &given[1],
                                     &given[2], &given[3], to_reduction, &options.reduction))
        return NULL;
    return loss_of(module, given, 2, 4, run_binary_cross_entropy_with_logits, &options);
}

static tw_tensor *run_binary_cross_entropy(tw_tensor *const *t, void *options) {
    tw_bce_loss_options *given = options;
    given->weight = t[2];
    return tw_bce_loss(NULL, t[0], t[1], given);
}

static PyObject *binary_cross_entropy(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"input", "target", "weight", "reduction", NULL};
    PyObject *given[3] = {NULL, NULL, Py_None};
    tw_bce_loss_options options = TW_BCE_LOSS_OPTIONS_INIT;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO|O$O&:binary_cross_entropy", names,
                                     &given[0], &given[1], &given[2], to_reduction, &options.reduction))
        return NULL;
    return loss_of(module, given, 2, 3, run_binary_cross_entropy, &options);
}

static tw_tensor *run_sigmoid_focal_loss(tw_tensor *const *t, void *options) {
    return tw_sigmoid_focal_loss(NULL, t[0], t[1], options);
}

static PyObject *sigmoid_focal_loss(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"inputs", "targets", "reduction", "alpha", "gamma", NULL};
    PyObject *given[2];
    tw_sigmoid_focal_loss_options options = TW_SIGMOID_FOCAL_LOSS_OPTIONS_INIT;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO|$O&dd:sigmoid_focal_loss", names,
                                     &given[0], &given[1], to_reduction, &options.reduction, &options.alpha,
                                     &options.gamma))
        return NULL;
    return loss_of(module, given, 2, 2, run_sigmoid_focal_loss, &options);
}

/* ---- Of several classes, of distributions, vectors and sequences ---- */

static tw_tensor *run_cross_entropy(tw_tensor *const *t, void *options) {
    tw_cross_entropy_options *given = options;
    given->weight = t[2];
    return tw_cross_entropy_loss_with(NULL, t[0], t[1], given);
}

static PyObject *cross_entropy(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"input", "target", "weight", "reduction", "ignore_index", "label_smoothing", NULL};
    PyObject *given[3] = {NULL, NULL, Py_None};
    tw_cross_entropy_options options = TW_CROSS_ENTROPY_OPTIONS_INIT;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO|O$O&O&d:cross_entropy", names,
                                     &given[0], &given[1], &given[2], to_reduction, &options.reduction, to_int64,
                                     &options.ignore_index, &options.label_smoothing))
        return NULL;
    return loss_of(module, given, 2, 3, run_cross_entropy, &options);
}

static tw_tensor *run_nll_loss(tw_tensor *const *t, void *options) {
    tw_nll_loss_options *given = options;
    given->weight = t[2];
    return tw_nll_loss(NULL, t[0], t[1], given);
}

static PyObject *nll_loss(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"input", "target", "weight", "reduction", "ignore_index", NULL};
    PyObject *given[3] = {NULL, NULL, Py_None};
    tw_nll_loss_options options = TW_NLL_LOSS_OPTIONS_INIT;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO|O$O&O&:nll_loss", names, &given[0],
                                     &given[1], &given[2], to_reduction, &options.reduction, to_int64,
                                     &options.ignore_index))
        return NULL;
    return loss_of(module, given, 2, 3, run_nll_loss, &options);
}

static tw_tensor *run_focal_loss(tw_tensor *const *t, void *options) {
    tw_focal_loss_options *given = options;
    given->weight = t[2];
    return tw_focal_loss(NULL, t[0], t[1], given);
}

static PyObject *focal_loss(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"input", "target", "weight", "reduction", "ignore_index", "gamma", NULL};
    PyObject *given[3] = {NULL, NULL, Py_None};
    tw_focal_loss_options options = TW_FOCAL_LOSS_OPTIONS_INIT;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO|O$O&O&d:focal_loss", names,
                                     &given[0], &given[1], &given[2], to_reduction, &options.reduction, to_int64,
                                     &options.ignore_index, &options.gamma))
        return NULL;
    return loss_of(module, given, 2, 3, run_focal_loss, &options);
}

static tw_tensor *run_multi_margin_loss(tw_tensor *const *t, void *options) {
    tw_multi_margin_loss_options *given = options;
    given->weight = t[2];
    return tw_multi_margin_loss(NULL, t[0], t[1], given);
}

static PyObject *multi_margin_loss(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"input", "target", "weight", "reduction", "p", "margin", NULL};
    PyObject *given[3] = {NULL, NULL, Py_None};
    tw_multi_margin_loss_options options = TW_MULTI_MARGIN_LOSS_OPTIONS_INIT;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO|O$O&O&d:multi_margin_loss", names,
                                     &given[0], &given[1], &given[2], to_reduction, &options.reduction, to_int64,
                                     &options.p, &options.margin))
        return NULL;
    return loss_of(module, given, 2, 3, run_multi_margin_loss, &options);
}

static tw_tensor *run_kl_div(tw_tensor *const *t, void *options) {
    return tw_kl_div_loss(NULL, t[0], t[1], options);
}

static PyObject *kl_div(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"input", "target", "reduction", "log_target", NULL};
    PyObject *given[2];
    tw_kl_div_loss_options options = TW_KL_DIV_LOSS_OPTIONS_INIT;
    int log_target = 0;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO|$O&p:kl_div", names, &given[0],
                                     &given[1], to_reduction, &options.reduction, &log_target))
        return NULL;
    options.log_target = log_target;
    return loss_of(module, given, 2, 2, run_kl_div, &options);
}

static tw_tensor *run_cosine_embedding_loss(tw_tensor *const *t, void *options) {
    return tw_cosine_embedding_loss(NULL, t[0], t[1], t[2], options);
}

static PyObject *cosine_embedding_loss(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"input1", "input2", "target", "reduction", "margin", NULL};
    PyObject *given[3];
    tw_cosine_embedding_loss_options options = TW_COSINE_EMBEDDING_LOSS_OPTIONS_INIT;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OOO|$O&d:cosine_embedding_loss",
                                     names, &given[0], &given[1], &given[2], to_reduction, &options.reduction,
                                     &options.margin))
        return NULL;
    return loss_of(module, given, 3, 3, run_cosine_embedding_loss, &options);
}

static tw_tensor *run_triplet_margin_loss(tw_tensor *const *t, void *options) {
    return tw_triplet_margin_loss(NULL, t[0], t[1], t[2], options);
}

static PyObject *triplet_margin_loss(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"anchor", "positive", "negative", "reduction", "margin", "p", "eps", "swap", NULL};
    PyObject *given[3];
    tw_triplet_margin_loss_options options = TW_TRIPLET_MARGIN_LOSS_OPTIONS_INIT;
    int swap = 0;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OOO|$O&dddp:triplet_margin_loss",
                                     names, &given[0], &given[1], &given[2], to_reduction, &options.reduction,
                                     &options.margin, &options.p, &options.epsilon, &swap))
        return NULL;
    options.swap = swap;
    return loss_of(module, given, 3, 3, run_triplet_margin_loss, &options);
}

static tw_tensor *run_info_nce_loss(tw_tensor *const *t, void *options) {
    tw_info_nce_loss_options *given = options;
    given->negatives = t[2];
    return tw_info_nce_loss(NULL, t[0], t[1], given);
}

static PyObject *info_nce_loss(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"query", "positive_key", "negative_keys", "reduction", "temperature", NULL};
    PyObject *given[3] = {NULL, NULL, Py_None};
    tw_info_nce_loss_options options = TW_INFO_NCE_LOSS_OPTIONS_INIT;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO|O$O&d:info_nce_loss", names,
                                     &given[0], &given[1], &given[2], to_reduction, &options.reduction,
                                     &options.temperature))
        return NULL;
    return loss_of(module, given, 2, 3, run_info_nce_loss, &options);
}

static tw_tensor *run_ctc_loss(tw_tensor *const *t, void *options) {
    return tw_ctc_loss(NULL, t[0], t[1], t[2], t[3], options);
}

static PyObject *ctc_loss(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"log_probs", "targets", "input_lengths", "target_lengths", "reduction", "blank",
                            "zero_infinity", NULL};
    PyObject *given[4];
    tw_ctc_loss_options options = TW_CTC_LOSS_OPTIONS_INIT;
    int zero_infinity = 0;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OOOO|$O&O&p:ctc_loss", names,
                                     &given[0], &given[1], &given[2], &given[3], to_reduction, &options.reduction,
                                     to_int64, &options.blank, &zero_infinity))
        return NULL;
    options.zero_infinity = zero_infinity;
    return loss_of(module, given, 4, 4, run_ctc_loss, &options);
}

static tw_tensor *run_cross_entropy_loss(tw_tensor *const *t, void *unused) {
    (void)unused;
    return tw_cross_entropy_loss(NULL, t[0], t[1]);
}

static PyObject *cross_entropy_loss(PyObject *module, PyObject *args) {
    PyObject *given[2];
    if (!PyArg_UnpackTuple(args, "cross_entropy_loss", 2, 2, &given[0], &given[1])) return NULL;
    return loss_of(module, given, 2, 2, run_cross_entropy_loss, NULL);
}

/* ---- Penalties ---- */

static PyObject *penalty(PyObject *module, PyObject *object, tw_tensor *(*op)(tw_scope *, const tw_module *)) {
    State *state = module_state(module);
    if (!PyObject_TypeCheck(object, state->module_type)) {
        PyErr_Format(PyExc_TypeError, "a penalty is of a talweg.nn.Module, not %R", Py_TYPE(object));
        return NULL;
    }
    tw_tensor *handle;
    UNLOCKED(handle = op(NULL, MODULE(object)))
    return tensor_wrap(state, handle);
}

static PyObject *l1_penalty(PyObject *module, PyObject *object) {
    return penalty(module, object, tw_l1_penalty);
}

static PyObject *l2_penalty(PyObject *module, PyObject *object) {
    return penalty(module, object, tw_l2_penalty);
}

PyMethodDef loss_functions[] = {
    {"mse_loss", METHOD_KEYWORDS(mse_loss),
     "mse_loss(input, target, *, reduction='mean')\n--\n\n"
     "(input - target)^2. The shapes of both must agree."},
    {"l1_loss", METHOD_KEYWORDS(l1_loss),
     "l1_loss(input, target, *, reduction='mean')\n--\n\n"
     "|input - target|. The shapes of both must agree."},
    {"log_cosh_loss", METHOD_KEYWORDS(log_cosh_loss),
     "log_cosh_loss(input, target, *, reduction='mean')\n--\n\n"
     "log(cosh(input - target)). The shapes of both must agree."},
    {"huber_loss", METHOD_KEYWORDS(huber_loss),
     "huber_loss(input, target, *, reduction='mean', delta=1.0)\n--\n\n"
     "Of d = input - target: d^2 / 2 where |d| <= delta, else delta (|d| - delta / 2). The shapes of both must agree."},
    {"smooth_l1_loss", METHOD_KEYWORDS(smooth_l1_loss),
     "smooth_l1_loss(input, target, *, reduction='mean', beta=1.0)\n--\n\n"
     "Of d = input - target: d^2 / (2 beta) where |d| < beta, else |d| - beta / 2. The shapes of both must agree."},
    {"poisson_nll_loss", METHOD_KEYWORDS(poisson_nll_loss),
     "poisson_nll_loss(input, target, *, reduction='mean', log_input=True, full=False, eps=1e-8)\n--\n\n"
     "rate - target log rate, of log rate or, if not log_input, of the rate; with Stirling's log target! if full."},
    {"gaussian_nll_loss", METHOD_KEYWORDS(gaussian_nll_loss),
     "gaussian_nll_loss(input, target, var, *, reduction='mean', full=False, eps=1e-6)\n--\n\n"
     "(log var + (input - target)^2 / var) / 2, var eps at least; with log(2 pi) / 2 if full."},
    {"binary_cross_entropy_with_logits", METHOD_KEYWORDS(binary_cross_entropy_with_logits),
     "binary_cross_entropy_with_logits(input, target, weight=None, pos_weight=None, *, reduction='mean')\n--\n\n"
     "-(y log p + (1 - y) log(1 - p)) of targets y and p = 1 / (1 + exp(-input)), without overflow. pos_weight is how\n"
     "much y = 1 counts. The shapes of both must agree."},
    {"binary_cross_entropy", METHOD_KEYWORDS(binary_cross_entropy),
     "binary_cross_entropy(input, target, weight=None, *, reduction='mean')\n--\n\n"
     "The same of probabilities. ValueError for elements outside 0 ... 1."},
    {"hinge_loss", METHOD_KEYWORDS(hinge_loss),
     "hinge_loss(input, target, *, reduction='mean')\n--\n\n"
     "max(0, 1 - target input), with targets -1 or 1; ValueError for others."},
    {"squared_hinge_loss", METHOD_KEYWORDS(squared_hinge_loss),
     "squared_hinge_loss(input, target, *, reduction='mean')\n--\n\n"
     "The square of hinge_loss."},
    {"sigmoid_focal_loss", METHOD_KEYWORDS(sigmoid_focal_loss),
     "sigmoid_focal_loss(inputs, targets, *, reduction='mean', alpha=0.25, gamma=2.0)\n--\n\n"
     "Binary cross-entropy of logits, each times (1 - q)^gamma, q the probability of what is true, and times alpha\n"
     "for target 1 and 1 - alpha for target 0 (alpha -1: neither) (Lin et al., 2017)."},
    {"cross_entropy", METHOD_KEYWORDS(cross_entropy),
     "cross_entropy(input, target, weight=None, *, reduction='mean', ignore_index=-100, label_smoothing=0.0)\n--\n\n"
     "-log softmax(input)[target] of integer labels, without the rows labelled ignore_index; or of shares of the\n"
     "classes, of the input's shape. input [n, classes, ..] or [classes]; weight [classes]. IndexError for other\n"
     "labels."},
    {"nll_loss", METHOD_KEYWORDS(nll_loss),
     "nll_loss(input, target, weight=None, *, reduction='mean', ignore_index=-100)\n--\n\n"
     "-input[target] of log probabilities [n, classes, ..] and integer labels. IndexError for other labels."},
    {"focal_loss", METHOD_KEYWORDS(focal_loss),
     "focal_loss(input, target, weight=None, *, reduction='mean', ignore_index=-100, gamma=2.0)\n--\n\n"
     "Cross-entropy of logits, each row's times (1 - q)^gamma, q the probability of its label (Lin et al., 2017)."},
    {"multi_margin_loss", METHOD_KEYWORDS(multi_margin_loss),
     "multi_margin_loss(input, target, weight=None, *, reduction='mean', p=1, margin=1.0)\n--\n\n"
     "The sum over classes j but the target of max(0, margin - input[target] + input[j])^p, over their number."},
    {"kl_div", METHOD_KEYWORDS(kl_div),
     "kl_div(input, target, *, reduction='mean', log_target=False)\n--\n\n"
     "target (log target - input) of log probabilities and probabilities. 'batchmean' is the divergence."},
    {"cosine_embedding_loss", METHOD_KEYWORDS(cosine_embedding_loss),
     "cosine_embedding_loss(input1, input2, target, *, reduction='mean', margin=0.0)\n--\n\n"
     "1 - cos(input1, input2) where the target is 1, max(0, cos - margin) where it is -1."},
    {"triplet_margin_loss", METHOD_KEYWORDS(triplet_margin_loss),
     "triplet_margin_loss(anchor, positive, negative, "
     "*, reduction='mean', margin=1.0, p=2.0, eps=1e-6, swap=False)\n--\n\n"
     "max(0, |anchor - positive| - |anchor - negative| + margin), of p-norms along the last axis."},
    {"info_nce_loss", METHOD_KEYWORDS(info_nce_loss),
     "info_nce_loss(query, positive_key, negative_keys=None, *, reduction='mean', temperature=0.1)\n--\n\n"
     "Cross-entropy of telling each query's key among others by cosines over the temperature (van den Oord et al.,\n"
     "2018). negative_keys [m, width] or [n, m, width]; None: the keys of the other rows."},
    {"ctc_loss", METHOD_KEYWORDS(ctc_loss),
     "ctc_loss(log_probs, targets, input_lengths, target_lengths, "
     "*, reduction='mean', blank=0, zero_infinity=False)\n--\n\n"
     "Minus the logarithm of the labels' probability over all alignments (Graves et al., 2006); the mean is of each\n"
     "loss over its number of labels. log_probs [steps, n, classes] or [steps, classes]; targets [n, longest] or\n"
     "all close together. Infinite where the input is too short, or 0 if zero_infinity."},
    {"cross_entropy_loss", cross_entropy_loss, METH_VARARGS,
     "cross_entropy_loss(logits, labels, /)\n--\n\nThe mean over rows of -log softmax(logits)[label].\n"
     "logits [n, classes], labels [n] integers in 0 ... classes - 1; others are IndexError."},
    {"l1_penalty", l1_penalty, METH_O,
     "l1_penalty(module, /)\n--\n\nsum |p| over the parameters named 'weight' (biases are left alone)."},
    {"l2_penalty", l2_penalty, METH_O,
     "l2_penalty(module, /)\n--\n\nsum p^2 over the parameters named 'weight' (biases are left alone)."},
    {0},
};
