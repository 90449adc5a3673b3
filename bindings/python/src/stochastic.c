/* Linear models by stochastic descent, under talweg.stochastic_descent. */
#include "talweg_python.h"

typedef struct {
    PyObject *callable; /* NULL if only Ctrl-C is looked for */
    double last_look;
} Watcher;

static int tell(void *context, const tw_stochastic_progress *progress) {
    Watcher *watcher = context;
    if (interrupted(&watcher->last_look)) return 1;
    if (!watcher->callable) return 0;
    PyGILState_STATE lock = PyGILState_Ensure();
    PyObject *answer = NULL;
    if (!PyErr_Occurred())
        answer = PyObject_CallFunction(watcher->callable, "LLdd", (long long)progress->epoch,
                                       (long long)progress->max_epochs, progress->objective, progress->score);
    int stop = answer ? PyObject_IsTrue(answer) : 1;
    Py_XDECREF(answer);
    PyGILState_Release(lock);
    return stop != 0;
}

/* What a call refers to while it runs. */
typedef struct {
    PyObject *X, *y, *weights, *held_back, *coefficients, *average;
    tw_operator *matrix;
} Held;

static void held_release(Held *held) {
    Py_XDECREF(held->X);
    Py_XDECREF(held->y);
    Py_XDECREF(held->weights);
    Py_XDECREF(held->held_back);
    Py_XDECREF(held->coefficients);
    Py_XDECREF(held->average);
    tw_operator_free(held->matrix);
}

/* (coefficients, intercept, average, average_intercept, step, epochs, objective, score, stop_reason) */
static PyObject *told(State *state, const tw_stochastic_result *fit) {
    double intercept = 0, average_intercept = 0, step = 0, objective = 0, score = 0;
    int64_t epochs = 0;
    tw_stop_reason reason = TW_STOP_ITERATIONS;
    if (check(state, tw_stochastic_result_intercept(fit, &intercept)) < 0 ||
        check(state, tw_stochastic_result_average_intercept(fit, &average_intercept)) < 0 ||
        check(state, tw_stochastic_result_step(fit, &step)) < 0 ||
        check(state, tw_stochastic_result_epochs(fit, &epochs)) < 0 ||
        check(state, tw_stochastic_result_objective(fit, &objective)) < 0 ||
        check(state, tw_stochastic_result_score(fit, &score)) < 0 ||
        check(state, tw_stochastic_result_stop_reason(fit, &reason)) < 0)
        return NULL;
    PyObject *coefficients = tensor_wrap(state, tw_stochastic_result_coefficients(NULL, fit));
    PyObject *average = coefficients ? tensor_wrap(state, tw_stochastic_result_average(NULL, fit)) : NULL;
    if (!average) {
        Py_XDECREF(coefficients);
        return NULL;
    }
    return Py_BuildValue("NdNddLddi", coefficients, intercept, average, average_intercept, step, (long long)epochs,
                         objective, score, (int)reason);
}

static PyObject *stochastic(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"X", "y", "csr", "loss", "epsilon", "alpha", "l1_ratio", "intercept", "intercept_rate",
                            "schedule", "rate", "power", "max_epochs", "tolerance", "patience", "shuffle", "seed",
                            "average_from", "positive_weight", "negative_weight", "weights", "held_back", "score",
                            "coefficients", "start_intercept", "average", "average_intercept", "step", "callback",
                            NULL};
    State *state = module_state(module);
    tw_stochastic_options options = TW_STOCHASTIC_OPTIONS_INIT;
    PyObject *rows, *targets, *csr = Py_None, *weights = Py_None, *held_back = Py_None, *coefficients = Py_None;
    PyObject *average = Py_None, *callable = Py_None, *result = NULL;
    int loss = options.loss, schedule = options.schedule, score = options.score, intercept = 1, shuffle = 1;
    if (!PyArg_ParseTupleAndKeywords(
            args, kwargs, "OO|$OidddpdiddO&dO&pO&O&ddOOiOdOddO:stochastic", names, &rows, &targets, &csr, &loss,
            &options.epsilon, &options.alpha, &options.l1_ratio, &intercept, &options.intercept_rate, &schedule,
            &options.rate, &options.power, to_int64, &options.max_epochs, &options.tolerance, to_int64,
            &options.patience, &shuffle, to_uint64, &options.seed, to_int64, &options.average_from,
            &options.positive_weight, &options.negative_weight, &weights, &held_back, &score, &coefficients,
            &options.start_intercept, &average, &options.average_intercept, &options.step, &callable))
        return NULL;
    Held held = {0};
    int failed = 0;
    if (csr != Py_None)
        failed = operator_from_csr(state, "stochastic", csr, &held.matrix);
    else
        failed = (held.X = tensor_from(state, rows, NULL, NULL)) ? 0 : -1;
    if (!failed) failed = (held.y = tensor_from(state, targets, NULL, NULL)) ? 0 : -1;
    if (!failed && tensor_or_none(state, weights, &held.weights) == 0 &&
        tensor_or_none(state, held_back, &held.held_back) == 0 &&
        tensor_or_none(state, coefficients, &held.coefficients) == 0 &&
        tensor_or_none(state, average, &held.average) == 0) {
        Watcher watcher = {callable == Py_None ? NULL : callable, 0};
        options.loss = (tw_stochastic_loss)loss;
        options.schedule = (tw_stochastic_schedule)schedule;
        options.score = (tw_stochastic_score)score;
        options.intercept = intercept;
        options.shuffle = shuffle;
        options.weights = held.weights ? TENSOR(held.weights) : NULL;
        options.held_back = held.held_back ? TENSOR(held.held_back) : NULL;
        options.coefficients = held.coefficients ? TENSOR(held.coefficients) : NULL;
        options.average = held.average ? TENSOR(held.average) : NULL;
        options.callback = tell;
        options.context = &watcher;
        tw_stochastic_result *fit = NULL;
        tw_status status;
        UNLOCKED(status = held.matrix ? tw_stochastic_sparse(held.matrix, TENSOR(held.y), &options, &fit)
                                      : tw_stochastic(TENSOR(held.X), TENSOR(held.y), &options, &fit))
        if (check(state, status) == 0) result = told(state, fit);
        tw_stochastic_result_free(fit);
    }
    held_release(&held);
    return result;
}

PyMethodDef stochastic_functions[] = {
    {"stochastic", METHOD_KEYWORDS(stochastic),
     "stochastic(X, y, *, csr=None, loss=0, epsilon=0.1, alpha=0.0001, l1_ratio=0.0, intercept=True,\n"
     "    intercept_rate=1.0, schedule=2, rate=0.01, power=0.25, max_epochs=1000, tolerance=0.001, patience=5,\n"
     "    shuffle=True, seed=0, average_from=0, positive_weight=1.0, negative_weight=1.0, weights=None,\n"
     "    held_back=None, score=0, coefficients=None, start_intercept=0.0, average=None, average_intercept=0.0,\n"
     "    step=1.0, callback=None)\n--\n\n"
     "As talweg.stochastic_descent, with loss, schedule and score by their numbers; of csr, buffers (rows, columns,\n"
     "indptr, indices, data), instead of X. Gives (coefficients, intercept, average, average_intercept, step, epochs,\n"
     "objective, score, stop_reason); the callback gets epoch, max_epochs, objective and score."},
    {0},
};
