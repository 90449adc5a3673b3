/* Residual blocks, under talweg.Problem; and variable projection. */
#include "talweg_python.h"

enum { most_blocks = 64 };

/* The functions of one call that added blocks; the engine keeps a pointer to it. */
typedef struct Functions {
    struct Functions *next;
    PyObject *first, *second;
    int64_t residuals, arity, sizes[most_blocks], size, tangent;
} Functions;

typedef struct {
    PyObject_HEAD
    tw_problem *handle;
    Functions *functions;
} ProblemObject;

#define PROBLEM(object) (((ProblemObject *)(object))->handle)

static PyObject *problem_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    static char *names[] = {NULL};
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, ":Problem", names)) return NULL;
    allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    PyObject *self = allocate(type, 0);
    if (self && check(object_state(self), tw_problem_new(&PROBLEM(self))) < 0) Py_CLEAR(self);
    return self;
}

static int problem_traverse(PyObject *self, visitproc visit, void *arg) {
    Py_VISIT(Py_TYPE(self));
    for (Functions *f = ((ProblemObject *)self)->functions; f; f = f->next) {
        Py_VISIT(f->first);
        Py_VISIT(f->second);
    }
    return 0;
}

static int problem_clear(PyObject *self) {
    for (Functions *f = ((ProblemObject *)self)->functions; f; f = f->next) {
        Py_CLEAR(f->first);
        Py_CLEAR(f->second);
    }
    return 0;
}

static void problem_dealloc(PyObject *self) {
    PyObject_GC_UnTrack(self);
    tw_problem_free(PROBLEM(self));
    problem_clear(self);
    for (Functions *f = ((ProblemObject *)self)->functions, *next; f; f = next) {
        next = f->next;
        PyMem_Free(f);
    }
    object_free(self);
}

/* Room for functions; the problem's once it has taken them. */
static Functions *functions_new(PyObject *first, PyObject *second) {
    Functions *made = PyMem_Calloc(1, sizeof *made);
    if (!made) {
        PyErr_NoMemory();
        return NULL;
    }
    made->first = Py_NewRef(first);
    made->second = second == Py_None ? NULL : Py_NewRef(second);
    return made;
}

/* Of the problem if the call was good, else gone. */
static int functions_settle(PyObject *self, Functions *functions, tw_status status) {
    int code = check(object_state(self), status);
    if (!functions) return code;
    if (code == 0) {
        functions->next = ((ProblemObject *)self)->functions;
        ((ProblemObject *)self)->functions = functions;
    } else {
        Py_XDECREF(functions->first);
        Py_XDECREF(functions->second);
        PyMem_Free(functions);
    }
    return code;
}

static PyObject *view_of(const double *memory, int64_t count, int flags) {
    return PyMemoryView_FromMemory((char *)memory, (Py_ssize_t)(count * (int64_t)sizeof *memory), flags);
}

/* function(first, count, parameters, residuals, jacobians), on the bytes of each; jacobians None, or a tuple. */
static int evaluate(void *context, int64_t first, int64_t count, const double *const *parameters, double *residuals,
                    double *const *jacobians) {
    const Functions *f = context;
    PyGILState_STATE lock = PyGILState_Ensure();
    PyObject *x = NULL, *j = NULL, *r = NULL, *answer = NULL;
    bool ready = !PyErr_Occurred() && f->first && (x = PyTuple_New((Py_ssize_t)f->arity)) &&
                 (r = view_of(residuals, count * f->residuals, PyBUF_WRITE)) &&
                 (j = jacobians ? PyTuple_New((Py_ssize_t)f->arity) : Py_NewRef(Py_None));
    for (int64_t k = 0; ready && k < f->arity; ++k) {
        PyObject *own = view_of(parameters[k], count * f->sizes[k], PyBUF_READ), *out = NULL;
        ready = own && PyTuple_SetItem(x, (Py_ssize_t)k, own) == 0;
        if (!ready || !jacobians) continue;
        out = jacobians[k] ? view_of(jacobians[k], count * f->residuals * f->sizes[k], PyBUF_WRITE)
                           : Py_NewRef(Py_None);
        ready = out && PyTuple_SetItem(j, (Py_ssize_t)k, out) == 0;
    }
    if (ready) answer = PyObject_CallFunction(f->first, "LLOOO", (long long)first, (long long)count, x, r, j);
    Py_XDECREF(x);
    Py_XDECREF(r);
    Py_XDECREF(j);
    int code = answer ? 0 : 1;
    Py_XDECREF(answer);
    PyGILState_Release(lock);
    return code;
}

/* callable(first, second, out) or (first, out), on bytes. */
static int write_by(PyObject *callable, const double *a, int64_t a_size, const double *b, int64_t b_size, double *out,
                    int64_t out_size) {
    PyGILState_STATE lock = PyGILState_Ensure();
    PyObject *x = NULL, *d = NULL, *y = NULL, *answer = NULL;
    if (!PyErr_Occurred() && callable && (x = view_of(a, a_size, PyBUF_READ)) &&
        (y = view_of(out, out_size, PyBUF_WRITE))) {
        if (b == NULL) answer = PyObject_CallFunctionObjArgs(callable, x, y, NULL);
        else if ((d = view_of(b, b_size, PyBUF_READ))) answer = PyObject_CallFunctionObjArgs(callable, x, d, y, NULL);
    }
    Py_XDECREF(x);
    Py_XDECREF(d);
    Py_XDECREF(y);
    int code = answer ? 0 : 1;
    Py_XDECREF(answer);
    PyGILState_Release(lock);
    return code;
}

static int plus(void *context, const double *x, const double *d, double *moved) {
    const Functions *f = context;
    return write_by(f->first, x, f->size, d, f->tangent, moved, f->size);
}

static int plus_jacobian(void *context, const double *x, double *jacobian) {
    const Functions *f = context;
    return write_by(f->second, x, f->size, NULL, 0, jacobian, f->size * f->tangent);
}

/* The doubles of a buffer; NULL for None. -1 if there are not `count`. */
static int doubles_from(PyObject *object, Py_buffer *view, int64_t count, const double **out) {
    *out = NULL;
    if (object == Py_None) return 0;
    if (PyObject_GetBuffer(object, view, PyBUF_SIMPLE) < 0) return -1;
    *out = view->buf;
    if (view->len == (Py_ssize_t)(count * (int64_t)sizeof(double))) return 0;
    PyErr_Format(PyExc_ValueError, "problem: %zd bytes were given, not those of %lld numbers", view->len,
                 (long long)count);
    return -1;
}

static PyObject *problem_add_parameters(PyObject *self, PyObject *args) {
    tw_parameter_blocks blocks = TW_PARAMETER_BLOCKS_INIT;
    PyObject *given[3], *move, *derive;
    int64_t count, first = 0;
    int manifold, constant, elimination;
    if (!PyArg_ParseTuple(args, "OO&O&ipiOOO&OO", &given[0], to_int64, &count, to_int64, &blocks.size, &manifold,
                          &constant, &elimination, &given[1], &given[2], to_int64, &blocks.tangent_size, &move,
                          &derive))
        return NULL;
    blocks.manifold = (tw_manifold)manifold;
    blocks.constant = constant;
    blocks.elimination = (tw_elimination)elimination;
    Functions *functions = NULL;
    if (move != Py_None) {
        if (!(functions = functions_new(move, derive))) return NULL;
        functions->size = blocks.size;
        functions->tangent = blocks.tangent_size;
        blocks.plus = plus;
        blocks.plus_jacobian = functions->second ? plus_jacobian : NULL;
        blocks.context = functions;
    }
    Py_buffer views[3] = {{0}, {0}, {0}};
    const double *numbers[3] = {NULL, NULL, NULL};
    bool ready = doubles_from(given[0], &views[0], count * blocks.size, &numbers[0]) == 0 &&
                 doubles_from(given[1], &views[1], blocks.size, &numbers[1]) == 0 &&
                 doubles_from(given[2], &views[2], blocks.size, &numbers[2]) == 0;
    blocks.lower = numbers[1];
    blocks.upper = numbers[2];
    int code = -1;
    if (ready)
        code = functions_settle(self, functions,
                                tw_problem_add_parameters(PROBLEM(self), &blocks, count, numbers[0], &first));
    else if (functions)
        functions_settle(self, functions, TW_ERROR_CANCELLED);
    for (int i = 0; i < 3; ++i)
        if (views[i].obj) PyBuffer_Release(&views[i]);
    return code < 0 ? NULL : PyLong_FromLongLong(first);
}

static PyObject *problem_add_residuals(PyObject *self, PyObject *args) {
    tw_residual_blocks residuals = TW_RESIDUAL_BLOCKS_INIT;
    PyObject *function, *sizes;
    Py_buffer blocks;
    int64_t count;
    int loss, derivatives;
    if (!PyArg_ParseTuple(args, "Oy*O&O&O!pid", &function, &blocks, to_int64, &count, to_int64,
                          &residuals.residual_count, &PyTuple_Type, &sizes, &derivatives, &loss, &residuals.loss_scale))
        return NULL;
    Functions *functions = functions_new(function, Py_None);
    int code = -1;
    if (functions) {
        Py_ssize_t arity = PyTuple_Size(sizes);
        functions->residuals = residuals.residual_count;
        functions->arity = residuals.block_count = arity;
        bool ready = arity <= most_blocks && blocks.len == (Py_ssize_t)(count * arity * (int64_t)sizeof(int64_t));
        if (!ready) PyErr_SetString(PyExc_ValueError, "problem: a residual block has 1 to 64 parameter blocks");
        for (Py_ssize_t k = 0; ready && k < arity; ++k)
            ready = int64_from(PyTuple_GetItem(sizes, k), "size", &functions->sizes[k]) == 0;
        residuals.batch = evaluate;
        residuals.derivatives = derivatives;
        residuals.loss = (tw_residual_loss)loss;
        residuals.context = functions;
        code = functions_settle(
            self, functions,
            ready ? tw_problem_add_residuals(PROBLEM(self), &residuals, blocks.buf, count) : TW_ERROR_CANCELLED);
    }
    PyBuffer_Release(&blocks);
    return code < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *problem_get(PyObject *self, PyObject *args) {
    Py_buffer out;
    int64_t block;
    if (!PyArg_ParseTuple(args, "O&w*", to_int64, &block, &out)) return NULL;
    int code = check(object_state(self), tw_problem_get_parameters(PROBLEM(self), block, out.buf,
                                                                   (int64_t)(out.len / (Py_ssize_t)sizeof(double))));
    PyBuffer_Release(&out);
    return code < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *problem_set(PyObject *self, PyObject *args) {
    Py_buffer given;
    int64_t block;
    if (!PyArg_ParseTuple(args, "O&y*", to_int64, &block, &given)) return NULL;
    int code = check(object_state(self), tw_problem_set_parameters(PROBLEM(self), block, given.buf,
                                                                   (int64_t)(given.len / (Py_ssize_t)sizeof(double))));
    PyBuffer_Release(&given);
    return code < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *problem_set_constant(PyObject *self, PyObject *args) {
    int64_t block;
    int constant;
    if (!PyArg_ParseTuple(args, "O&p", to_int64, &block, &constant)) return NULL;
    return check(object_state(self), tw_problem_set_constant(PROBLEM(self), block, constant)) < 0 ? NULL
                                                                                                  : Py_NewRef(Py_None);
}

typedef struct {
    PyObject *callback;
    double last_look;
} Progress;

static int tell(void *context, const tw_least_squares_progress *progress) {
    Progress *told = context;
    if (interrupted(&told->last_look)) return 1;
    if (told->callback == Py_None) return 0;
    PyGILState_STATE lock = PyGILState_Ensure();
    PyObject *answer = NULL, *x = NULL;
    if (!PyErr_Occurred() && (x = view_of(progress->parameters, progress->parameter_count, PyBUF_READ)))
        answer = PyObject_CallFunction(told->callback, "LLdddO", (long long)progress->iteration,
                                       (long long)progress->evaluations, progress->cost, progress->optimality,
                                       progress->step, x);
    Py_XDECREF(x);
    int stop = answer ? PyObject_IsTrue(answer) : 1;
    Py_XDECREF(answer);
    PyGILState_Release(lock);
    return stop != 0;
}

static PyObject *problem_solve(PyObject *self, PyObject *args) {
    tw_problem_options options = TW_PROBLEM_OPTIONS_INIT;
    tw_problem_summary s = TW_PROBLEM_SUMMARY_INIT;
    Progress progress = {NULL, 0};
    State *state = object_state(self);
    int solver, differences, polish;
    if (!PyArg_ParseTuple(args, "iidddpO&O&ddO", &solver, &differences, &options.cost_tolerance,
                          &options.step_tolerance, &options.gradient_tolerance, &polish, to_int64,
                          &options.max_iterations, to_int64, &options.max_evaluations, &options.max_seconds,
                          &options.first_damping, &progress.callback))
        return NULL;
    options.solver = (tw_problem_solver)solver;
    options.differences = (tw_difference_scheme)differences;
    options.polish = polish;
    options.callback = tell;
    options.context = &progress;
    tw_status status;
    UNLOCKED(status = tw_problem_solve(PROBLEM(self), &options, &s))
    if (check(state, status) < 0 || PyErr_Occurred()) return NULL;
    char text[1024];
    if (check(state, tw_problem_report(PROBLEM(self), text, sizeof text, NULL)) < 0) return NULL;
    return Py_BuildValue("iidddLLLdLLLLLs", (int)s.stop, (int)s.solver, s.initial_cost, s.final_cost, s.optimality,
                         (long long)s.iterations, (long long)s.evaluations, (long long)s.jacobian_evaluations,
                         s.seconds, (long long)s.residual_count, (long long)s.unknown_count,
                         (long long)s.eliminated_blocks, (long long)s.kept_blocks, (long long)s.factor_nonzeros, text);
}

static PyObject *problem_residuals(PyObject *self, PyObject *unused) {
    (void)unused;
    tw_tensor *made;
    UNLOCKED(made = tw_problem_residuals(NULL, PROBLEM(self)))
    return tensor_wrap(object_state(self), made);
}

static PyObject *problem_cost(PyObject *self, PyObject *unused) {
    (void)unused;
    double cost = 0;
    tw_status status;
    UNLOCKED(status = tw_problem_cost(PROBLEM(self), &cost))
    return check(object_state(self), status) < 0 ? NULL : PyFloat_FromDouble(cost);
}

static PyObject *problem_covariance(PyObject *self, PyObject *args) {
    Py_buffer blocks;
    int absolute;
    if (!PyArg_ParseTuple(args, "y*p", &blocks, &absolute)) return NULL;
    tw_tensor *made;
    UNLOCKED(made = tw_problem_covariance(NULL, PROBLEM(self), blocks.buf,
                                          (int64_t)(blocks.len / (Py_ssize_t)sizeof(int64_t)), absolute))
    PyBuffer_Release(&blocks);
    return tensor_wrap(object_state(self), made);
}

static PyMethodDef methods[] = {
    {"add_parameters", problem_add_parameters, METH_VARARGS,
     "add_parameters($self, values, count, size, manifold, constant, elimination, lower, upper, tangent_size, plus,\n"
     "    plus_jacobian, /)\n--\n\n"},
    {"add_residuals", problem_add_residuals, METH_VARARGS,
     "add_residuals($self, function, blocks, count, residual_count, sizes, derivatives, loss, loss_scale, /)\n--\n\n"},
    {"get", problem_get, METH_VARARGS, "get($self, block, out, /)\n--\n\n"},
    {"set", problem_set, METH_VARARGS, "set($self, block, values, /)\n--\n\n"},
    {"set_constant", problem_set_constant, METH_VARARGS, "set_constant($self, block, constant, /)\n--\n\n"},
    {"solve", problem_solve, METH_VARARGS,
     "solve($self, solver, differences, ftol, xtol, gtol, polish, max_iterations, max_evaluations, max_seconds,\n"
     "    first_damping, callback, /)\n--\n\n"},
    {"residuals", problem_residuals, METH_NOARGS, "residuals($self, /)\n--\n\n"},
    {"cost", problem_cost, METH_NOARGS, "cost($self, /)\n--\n\n"},
    {"covariance", problem_covariance, METH_VARARGS, "covariance($self, blocks, absolute, /)\n--\n\n"},
    {0},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "The engine's problem, under talweg.Problem."},
    {Py_tp_new, problem_new},
    {Py_tp_dealloc, problem_dealloc},
    {Py_tp_traverse, problem_traverse},
    {Py_tp_clear, problem_clear},
    {Py_tp_methods, methods},
    {0},
};

static PyType_Spec spec = {"talweg._talweg.BlockProblem", sizeof(ProblemObject), 0,
                           Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, slots};

int problem_type_add(PyObject *module, State *state) {
    return type_add(module, &spec, NULL, &state->problem_type);
}
