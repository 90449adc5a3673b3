/* Levenberg-Marquardt on a module's residuals, under talweg.optim.LevenbergMarquardt. */
#include "talweg_python.h"

/* What the callback needs. `callable` is NULL if only Ctrl-C is looked for. */
typedef struct {
    PyObject *callable;
    double last_look;
} Fit;

static int tell(void *context, const tw_least_squares_progress *progress) {
    Fit *fit = context;
    if (interrupted(&fit->last_look)) return 1;
    if (!fit->callable) return 0;
    PyGILState_STATE lock = PyGILState_Ensure();
    PyObject *answer = NULL;
    if (!PyErr_Occurred())
        answer = PyObject_CallFunction(fit->callable, "LLddd", (long long)progress->iteration,
                                       (long long)progress->evaluations, progress->cost, progress->optimality,
                                       progress->step);
    int stop = answer ? PyObject_IsTrue(answer) : 1;
    Py_XDECREF(answer);
    PyGILState_Release(lock);
    return stop != 0;
}

static PyObject *levenberg_marquardt_fit(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"model", "inputs", "targets", "weights", "callback", "max_iterations", "max_evaluations",
                            "max_seconds", "geodesic", "loss", "loss_scale", "ftol", "xtol", "gtol", "polish",
                            "first_radius", NULL};
    State *state = module_state(module);
    tw_levenberg_marquardt_options options = TW_LEVENBERG_MARQUARDT_OPTIONS_INIT;
    PyObject *model, *given[3] = {NULL, NULL, Py_None}, *held[3] = {NULL}, *callable = Py_None, *result = NULL;
    int geodesic = 0, loss = options.loss, polish = 1;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O!OO|O$OO&O&dpiddddpd:levenberg_marquardt_fit", names,
                                     state->module_type, &model, &given[0], &given[1], &given[2], &callable, to_int64,
                                     &options.max_iterations, to_int64, &options.max_evaluations,
                                     &options.max_seconds, &geodesic, &loss, &options.loss_scale,
                                     &options.cost_tolerance, &options.step_tolerance, &options.gradient_tolerance,
                                     &polish, &options.first_radius))
        return NULL;
    bool ready = (held[0] = tensor_from(state, given[0], NULL, NULL)) != NULL &&
                 (held[1] = tensor_from(state, given[1], NULL, NULL)) != NULL &&
                 tensor_or_none(state, given[2], &held[2]) == 0;
    if (ready) {
        Fit fit = {callable == Py_None ? NULL : callable, 0};
        options.geodesic = geodesic;
        options.loss = (tw_residual_loss)loss;
        options.polish = polish;
        options.weights = held[2] ? TENSOR(held[2]) : NULL;
        options.callback = tell;
        options.context = &fit;
        tw_levenberg_marquardt_result r = TW_LEVENBERG_MARQUARDT_RESULT_INIT;
        tw_status status;
        UNLOCKED(status = tw_levenberg_marquardt_fit(MODULE(model), TENSOR(held[0]), TENSOR(held[1]), &options, &r))
        if (check(state, status) == 0)
            result = Py_BuildValue("iddLLLLLd", (int)r.stop, r.cost, r.optimality, (long long)r.iterations,
                                   (long long)r.evaluations, (long long)r.jacobian_evaluations, (long long)r.rank,
                                   (long long)r.degrees_of_freedom, r.radius);
    }
    for (int i = 0; i < 3; ++i) Py_XDECREF(held[i]);
    return result;
}

PyMethodDef levenberg_marquardt_functions[] = {
    {"levenberg_marquardt_fit", METHOD_KEYWORDS(levenberg_marquardt_fit),
     "levenberg_marquardt_fit(model, inputs, targets, weights=None, *, callback=None, max_iterations=100,\n"
     "    max_evaluations=0, max_seconds=0.0, geodesic=False, loss=0, loss_scale=1.0, ftol=1e-12, xtol=1e-14,\n"
     "    gtol=0.0, polish=True, first_radius=1.0)\n--\n\n"
     "As talweg.optim.LevenbergMarquardt.fit, with the loss by its number; gives (stop, cost, optimality, iterations,\n"
     "evaluations, Jacobians, rank, degrees of freedom, radius)."},
    {0},
};
