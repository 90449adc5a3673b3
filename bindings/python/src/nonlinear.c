/* Nonlinear least squares, under talweg.least_squares and talweg.curve_fit. */
#include "talweg_python.h"

/* What the callbacks need. */
typedef struct {
    State *state;
    PyObject *function, *jacobian, *callback;
    int64_t parameters, count;
    double last_look;
} Fit;

static PyObject *view_of(const double *memory, int64_t count, int flags) {
    return PyMemoryView_FromMemory((char *)memory, (Py_ssize_t)(count * (int64_t)sizeof *memory), flags);
}

/* callable(x, out) on the bytes of x and of what is to be written. */
static int write_by(Fit *fit, PyObject *callable, const double *x, double *out, int64_t count) {
    PyGILState_STATE lock = PyGILState_Ensure();
    PyObject *answer = NULL;
    if (!PyErr_Occurred()) {
        PyObject *from = view_of(x, fit->parameters, PyBUF_READ), *to = view_of(out, count, PyBUF_WRITE);
        if (from && to) answer = PyObject_CallFunctionObjArgs(callable, from, to, NULL);
        Py_XDECREF(from);
        Py_XDECREF(to);
    }
    int code = answer ? 0 : 1;
    Py_XDECREF(answer);
    PyGILState_Release(lock);
    return code;
}

static int write_residuals(void *context, const double *x, double *residuals) {
    Fit *fit = context;
    return write_by(fit, fit->function, x, residuals, fit->count);
}

static int write_jacobian(void *context, const double *x, double *jacobian) {
    Fit *fit = context;
    return write_by(fit, fit->jacobian, x, jacobian, fit->count * fit->parameters);
}

static tw_tensor *make_residuals(void *context, tw_scope *scope, const tw_tensor *parameters) {
    Fit *fit = context;
    PyGILState_STATE lock = PyGILState_Ensure();
    tw_tensor *made = NULL;
    PyObject *x = PyErr_Occurred() ? NULL : tensor_wrap(fit->state, tw_keep((tw_tensor *)parameters));
    PyObject *r = x ? PyObject_CallFunctionObjArgs(fit->function, x, NULL) : NULL;
    if (r && !is_tensor(fit->state, r))
        PyErr_Format(PyExc_TypeError, "the residual function gave %R, not a Tensor", Py_TYPE(r));
    else if (r)
        made = tensor_hand_over(scope, r);
    Py_XDECREF(x);
    Py_XDECREF(r);
    PyGILState_Release(lock);
    return made;
}

static int tell(void *context, const tw_least_squares_progress *progress) {
    Fit *fit = context;
    if (interrupted(&fit->last_look)) return 1;
    if (!fit->callback) return 0;
    PyGILState_STATE lock = PyGILState_Ensure();
    PyObject *answer = NULL;
    if (!PyErr_Occurred()) {
        PyObject *x = view_of(progress->parameters, progress->parameter_count, PyBUF_READ);
        if (x)
            answer = PyObject_CallFunction(fit->callback, "LLdddO", (long long)progress->iteration,
                                           (long long)progress->evaluations, progress->cost, progress->optimality,
                                           progress->step, x);
        Py_XDECREF(x);
    }
    int stop = answer ? PyObject_IsTrue(answer) : 1;
    Py_XDECREF(answer);
    PyGILState_Release(lock);
    return stop != 0;
}

/* Tensors, which are taken over, and a result's summary, as a tuple; NULL with an exception. */
static PyObject *tell_tensors(State *state, const tw_least_squares_result *fit, tw_tensor **made, Py_ssize_t count) {
    PyObject *tensors = tensors_wrap(state, made, count);
    if (!tensors) return NULL;
    tw_least_squares_summary s = TW_LEAST_SQUARES_SUMMARY_INIT;
    if (check(state, tw_least_squares_result_summary(fit, &s)) < 0) {
        Py_DECREF(tensors);
        return NULL;
    }
    return Py_BuildValue("NiddLLLLL", tensors, (int)s.stop, s.cost, s.optimality, (long long)s.iterations,
                         (long long)s.evaluations, (long long)s.jacobian_evaluations, (long long)s.rank,
                         (long long)s.degrees_of_freedom);
}

/* All that a result tells. `profile`, perhaps NULL, is taken over. */
static PyObject *tell_all(State *state, const tw_least_squares_result *fit, tw_tensor *profile) {
    tw_tensor *made[] = {
        tw_least_squares_result_parameters(NULL, fit), tw_least_squares_result_residuals(NULL, fit),
        tw_least_squares_result_jacobian(NULL, fit),   tw_least_squares_result_gradient(NULL, fit),
        tw_least_squares_result_active(NULL, fit),     tw_least_squares_result_covariance(NULL, fit, true),
        profile,
    };
    return tell_tensors(state, fit, made, (Py_ssize_t)(sizeof made / sizeof *made) - (profile == NULL));
}

/* A callable, or NULL for None. */
static PyObject *or_null(PyObject *object) { return object == Py_None ? NULL : object; }

static PyObject *least_squares(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"function", "start",    "count",     "jacobian",   "callback", "method",         "geodesic",
                            "differences", "loss",  "loss_scale", "lower",     "upper",    "scale",          "ftol",
                            "xtol",     "gtol",     "polish",    "max_evaluations", "max_seconds", "fixed", "profile", "absolute", NULL};
    State *state = module_state(module);
    tw_least_squares_options options = TW_LEAST_SQUARES_OPTIONS_INIT;
    tw_residuals residuals = TW_RESIDUALS_INIT;
    PyObject *function, *given, *jacobian = Py_None, *callback = Py_None;
    /* lower, upper, scale, fixed */
    PyObject *limits[4] = {Py_None, Py_None, Py_None, Py_None}, *held[4] = {NULL, NULL, NULL, NULL};
    int method = options.method, geodesic = 0, differences = options.differences, loss = options.loss, polish = 1,
        absolute = 0;
    double level = 0;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OOO&|$OOipiidOOOdddpO&dOdp:least_squares", names, &function, &given,
                                     to_int64, &residuals.count, &jacobian, &callback, &method, &geodesic,
                                     &differences, &loss, &options.loss_scale, &limits[0], &limits[1], &limits[2],
                                     &options.cost_tolerance, &options.step_tolerance, &options.gradient_tolerance,
                                     &polish, to_int64, &options.max_evaluations, &options.max_seconds, &limits[3],
                                     &level, &absolute))
        return NULL;
    PyObject *start = tensor_from(state, given, NULL, NULL), *result = NULL;
    bool ready = start != NULL;
    for (int i = 0; ready && i < 4; ++i) ready = tensor_or_none(state, limits[i], &held[i]) == 0;
    if (ready) {
        Fit fit = {state, function, or_null(jacobian), or_null(callback), 0, residuals.count, 0};
        ready = check(state, tw_tensor_count(TENSOR(start), &fit.parameters)) == 0;
        residuals.context = &fit;
        if (residuals.count == 0) {
            residuals.tensor = make_residuals;
        } else {
            residuals.function = write_residuals;
            residuals.jacobian = fit.jacobian ? write_jacobian : NULL;
        }
        options.method = (tw_trust_region_method)method;
        options.geodesic = geodesic;
        options.differences = (tw_difference_scheme)differences;
        options.loss = (tw_residual_loss)loss;
        options.polish = polish;
        options.lower = held[0] ? TENSOR(held[0]) : NULL;
        options.upper = held[1] ? TENSOR(held[1]) : NULL;
        options.scale = held[2] ? TENSOR(held[2]) : NULL;
        options.fixed = held[3] ? TENSOR(held[3]) : NULL;
        options.callback = tell;
        options.context = &fit;
        tw_least_squares_result *handle = NULL;
        tw_status status = TW_OK;
        if (ready) {
            UNLOCKED(status = tw_least_squares(&residuals, TENSOR(start), &options, &handle))
        }
        tw_tensor *profile = NULL;
        if (ready && (ready = check(state, status) == 0) && level != 0) {
            UNLOCKED(profile = tw_least_squares_profile_intervals(NULL, &residuals, handle, &options, level, absolute))
            if (profile == NULL) {
                raise_last(state);
                ready = false;
            }
        }
        if (ready) result = tell_all(state, handle, profile);
        tw_least_squares_result_free(handle);
    }
    Py_XDECREF(start);
    for (int i = 0; i < 4; ++i) Py_XDECREF(held[i]);
    return result;
}

static PyObject *variable_projection(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"function", "y", "start", "functions", "derivatives", "sigma", "kaufman", "callback", "lower",
                            "upper", "scale", "fixed", "differences", "ftol", "xtol", "gtol", "polish",
                            "max_evaluations", "max_seconds", NULL};
    State *state = module_state(module);
    tw_least_squares_options options = TW_LEAST_SQUARES_OPTIONS_INIT;
    tw_separable basis = TW_SEPARABLE_INIT;
    PyObject *function, *derivatives = Py_None, *callback = Py_None, *result = NULL;
    /* y, start, sigma, lower, upper, scale, fixed */
    PyObject *given[7] = {NULL, NULL, Py_None, Py_None, Py_None, Py_None, Py_None}, *held[7] = {0};
    int kaufman = 0, differences = options.differences, polish = 1;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OOOO&|$OOpOOOOOidddpO&d:variable_projection", names, &function,
                                     &given[0], &given[1], to_int64, &basis.function_count, &derivatives, &given[2],
                                     &kaufman, &callback, &given[3], &given[4], &given[5], &given[6], &differences,
                                     &options.cost_tolerance, &options.step_tolerance, &options.gradient_tolerance,
                                     &polish, to_int64, &options.max_evaluations, &options.max_seconds))
        return NULL;
    bool ready = true;
    for (int i = 0; ready && i < 7; ++i) ready = tensor_or_none(state, given[i], &held[i]) == 0;
    if (ready && held[0] && held[1]) {
        Fit fit = {state, function, or_null(derivatives), or_null(callback), 0, 0, 0};
        ready = check(state, tw_tensor_count(TENSOR(held[1]), &fit.parameters)) == 0 &&
                check(state, tw_tensor_count(TENSOR(held[0]), &basis.count)) == 0;
        fit.count = basis.count * basis.function_count;
        basis.function = write_residuals;
        basis.derivatives = fit.jacobian ? write_jacobian : NULL;
        basis.context = &fit;
        basis.kaufman = kaufman;
        options.differences = (tw_difference_scheme)differences;
        options.polish = polish;
        options.lower = held[3] ? TENSOR(held[3]) : NULL;
        options.upper = held[4] ? TENSOR(held[4]) : NULL;
        options.scale = held[5] ? TENSOR(held[5]) : NULL;
        options.fixed = held[6] ? TENSOR(held[6]) : NULL;
        options.callback = tell;
        options.context = &fit;
        tw_least_squares_result *handle = NULL;
        tw_status status = TW_OK;
        if (ready) {
            UNLOCKED(status = tw_variable_projection(&basis, TENSOR(held[0]), held[2] ? TENSOR(held[2]) : NULL,
                                                     TENSOR(held[1]), &options, &handle))
        }
        if (ready && check(state, status) == 0) result = tell_all(state, handle, NULL);
        tw_least_squares_result_free(handle);
    }
    for (int i = 0; i < 7; ++i) Py_XDECREF(held[i]);
    return result;
}

static PyObject *curve_fit(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"family", "order", "x", "y", "sigma", "start", "lower", "upper", "loss", "loss_scale",
                            "ftol", "xtol", "gtol", "max_evaluations", NULL};
    State *state = module_state(module);
    tw_least_squares_options options = TW_LEAST_SQUARES_OPTIONS_INIT;
    /* x, y, sigma, start, lower, upper */
    PyObject *given[6] = {NULL, NULL, Py_None, Py_None, Py_None, Py_None}, *held[6] = {0}, *result = NULL;
    int family, loss = options.loss;
    int64_t order;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "iO&OO|OO$OOiddddO&:curve_fit", names, &family, to_int64, &order,
                                     &given[0], &given[1], &given[2], &given[3], &given[4], &given[5], &loss,
                                     &options.loss_scale, &options.cost_tolerance, &options.step_tolerance,
                                     &options.gradient_tolerance, to_int64, &options.max_evaluations))
        return NULL;
    bool ready = true;
    for (int i = 0; ready && i < 6; ++i) ready = tensor_or_none(state, given[i], &held[i]) == 0;
    if (ready) {
        Fit fit = {.state = state};
        options.loss = (tw_residual_loss)loss;
        options.lower = held[4] ? TENSOR(held[4]) : NULL;
        options.upper = held[5] ? TENSOR(held[5]) : NULL;
        options.callback = tell;
        options.context = &fit;
        tw_least_squares_result *handle = NULL;
        tw_status status;
        UNLOCKED(status = tw_curve_fit((tw_curve_family)family, order, held[0] ? TENSOR(held[0]) : NULL,
                                       held[1] ? TENSOR(held[1]) : NULL, held[2] ? TENSOR(held[2]) : NULL,
                                       held[3] ? TENSOR(held[3]) : NULL, &options, &handle))
        if (check(state, status) == 0) {
            tw_tensor *made[] = {tw_least_squares_result_parameters(NULL, handle),
                                 tw_least_squares_result_residuals(NULL, handle),
                                 tw_least_squares_result_covariance(NULL, handle, true)};
            result = tell_tensors(state, handle, made, 3);
        }
        tw_least_squares_result_free(handle);
    }
    for (int i = 0; i < 6; ++i) Py_XDECREF(held[i]);
    return result;
}

static PyObject *curve_evaluate(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    int family;
    int64_t order;
    PyObject *parameters, *points;
    if (!PyArg_ParseTuple(args, "iO&OO:curve_evaluate", &family, to_int64, &order, &parameters, &points)) return NULL;
    PyObject *b = tensor_from(state, parameters, NULL, NULL), *x = b ? tensor_from(state, points, NULL, NULL) : NULL;
    PyObject *made = NULL;
    if (x) made = tensor_wrap(state, tw_curve_evaluate(NULL, (tw_curve_family)family, order, TENSOR(b), TENSOR(x)));
    Py_XDECREF(b);
    Py_XDECREF(x);
    return made;
}

static PyObject *curve_gradient(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    int family;
    int64_t order;
    PyObject *parameters, *points;
    if (!PyArg_ParseTuple(args, "iO&OO:curve_gradient", &family, to_int64, &order, &parameters, &points)) return NULL;
    PyObject *b = tensor_from(state, parameters, NULL, NULL), *x = b ? tensor_from(state, points, NULL, NULL) : NULL;
    PyObject *made = NULL;
    if (x) made = tensor_wrap(state, tw_curve_gradient(NULL, (tw_curve_family)family, order, TENSOR(b), TENSOR(x)));
    Py_XDECREF(b);
    Py_XDECREF(x);
    return made;
}

static PyObject *student_t_critical_value(PyObject *module, PyObject *args) {
    double level, freedom, value = 0;
    if (!PyArg_ParseTuple(args, "dd:student_t_critical_value", &level, &freedom)) return NULL;
    if (check(module_state(module), tw_student_t_critical_value(level, freedom, &value)) < 0) return NULL;
    return PyFloat_FromDouble(value);
}

PyMethodDef nonlinear_functions[] = {
    {"curve_fit", METHOD_KEYWORDS(curve_fit),
     "curve_fit(family, order, x, y, sigma=None, start=None, *, lower=None, upper=None, loss=0, loss_scale=1.0,\n"
     "    ftol=1e-12, xtol=1e-14, gtol=0.0, max_evaluations=0)\n--\n\n"
     "A named curve, by the number of its family; gives what least_squares does, but of the tensors\n"
     "the parameters, the residuals and the covariance for residuals of variance 1 only."},
    {"curve_evaluate", curve_evaluate, METH_VARARGS,
     "curve_evaluate(family, order, parameters, x, /)\n--\n\nThe curve's values at x, float64."},
    {"curve_gradient", curve_gradient, METH_VARARGS,
     "curve_gradient(family, order, parameters, x, /)\n--\n\nThe curve's derivatives by its parameters at x, [m, p]."},
    {"variable_projection", METHOD_KEYWORDS(variable_projection),
     "variable_projection(function, y, start, functions, *, derivatives=None, sigma=None, kaufman=False, callback=None,\n"
     "    lower=None, upper=None, scale=None, fixed=None, differences=0, ftol=1e-12, xtol=1e-14, gtol=0.0,\n"
     "    polish=True, max_evaluations=0, max_seconds=0.0)\n--\n\n"
     "As talweg.variable_projection, of function(alpha, out) on bytes; gives what least_squares does."},
    {"student_t_critical_value", student_t_critical_value, METH_VARARGS,
     "student_t_critical_value(level, degrees_of_freedom, /)\n--\n\n"
     "The c with P(|T| <= c) = level, T of Student's t."},
    {"least_squares", METHOD_KEYWORDS(least_squares),
     "least_squares(function, start, count, *, jacobian=None, callback=None, method=0, geodesic=False,\n"
     "    differences=0, loss=0, loss_scale=1.0, lower=None, upper=None, scale=None, ftol=1e-12, xtol=1e-14,\n"
     "    gtol=0.0, polish=True, max_evaluations=0, max_seconds=0.0, fixed=None, profile=0.0,\n"
     "    absolute=False)\n--\n\n"
     "As talweg.least_squares, of function(x, out) on the bytes of x and of `count` residuals, or, for a count\n"
     "of 0, of a function of a Tensor that gives a Tensor. Gives ((x, r, J, gradient, active, (J'J)^-1), stop,\n"
     "cost, optimality, iterations, evaluations, Jacobians, rank, degrees of freedom);\n"
     "with a level in `profile`, the profile-likelihood intervals are the last of the tensors."},
    {0},
};
