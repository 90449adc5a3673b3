/* Derivatives of what was recorded: products with the Jacobian, Jacobians,
   Hessians. talweg.autograd makes functions of functions of them. */
#include "talweg_python.h"

typedef struct {
    PyObject *keep;
    tw_tensor **handles;
    Py_ssize_t count;
} List;

static int list_from(State *state, PyObject *sequence, List *list) {
    *list = (List){0};
    return tensors_from(state, sequence, &list->keep, &list->handles, &list->count);
}

static void list_free(List *list) {
    PyMem_Free(list->handles);
    Py_XDECREF(list->keep);
}

static tw_derivative_options options_of(int mode, int create_graph) {
    tw_derivative_options options = TW_DERIVATIVE_OPTIONS_INIT;
    options.mode = (tw_differentiation_mode)mode;
    options.create_graph = create_graph;
    return options;
}

#define HANDLES(list) ((const tw_tensor *const *)(list).handles)

/* tw_vjp and tw_jvp, which take alike: `given` beside its counterparts, results beside the others. */
static PyObject *products(PyObject *module, PyObject *args, PyObject *kwargs, bool forward) {
    static char *names[] = {"outputs", "inputs", "directions", "create_graph", NULL};
    State *state = module_state(module);
    PyObject *outputs, *inputs, *directions, *result = NULL;
    int create = 0;
    List out = {0}, in = {0}, given = {0};
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OOO|p", names, &outputs, &inputs, &directions, &create))
        return NULL;
    if (list_from(state, outputs, &out) == 0 && list_from(state, inputs, &in) == 0 &&
        list_from(state, directions, &given) == 0) {
        List *made = forward ? &out : &in, *beside = forward ? &in : &out;
        tw_tensor **results = PyMem_Calloc((size_t)made->count + 1, sizeof *results);
        tw_derivative_options options = options_of(0, create);
        tw_status status;
        if (!results) {
            PyErr_NoMemory();
        } else if (given.count != beside->count) {
            PyErr_Format(PyExc_ValueError, "%s: %zd %s and %zd directions", forward ? "jvp" : "vjp", beside->count,
                         forward ? "inputs" : "outputs", given.count);
        } else {
            UNLOCKED(status = (forward ? tw_jvp : tw_vjp)(NULL, HANDLES(out), out.count, HANDLES(in), in.count,
                                                          HANDLES(given), &options, results))
            if (check(state, status) == 0) result = tensors_wrap(state, results, made->count);
        }
        PyMem_Free(results);
    }
    list_free(&out);
    list_free(&in);
    list_free(&given);
    return result;
}

static PyObject *derivatives_vjp(PyObject *module, PyObject *args, PyObject *kwargs) {
    return products(module, args, kwargs, false);
}

static PyObject *derivatives_jvp(PyObject *module, PyObject *args, PyObject *kwargs) {
    return products(module, args, kwargs, true);
}

/* Results for one output by several inputs: `squared` of them, or one each. */
static PyObject *by_inputs(State *state, PyObject *output, PyObject *inputs, PyObject *vectors, int mode, int create,
                           bool squared) {
    List in = {0}, given = {0};
    PyObject *result = NULL;
    if (list_from(state, inputs, &in) == 0 && (!vectors || list_from(state, vectors, &given) == 0)) {
        Py_ssize_t count = squared ? in.count * in.count : in.count;
        tw_tensor **results = PyMem_Calloc((size_t)count + 1, sizeof *results);
        tw_derivative_options options = options_of(mode, create);
        tw_status status;
        if (!results) {
            PyErr_NoMemory();
        } else if (vectors && given.count != in.count) {
            PyErr_Format(PyExc_ValueError, "hvp: %zd inputs and %zd vectors", in.count, given.count);
        } else {
            tw_tensor *y = TENSOR(output);
            UNLOCKED(status = vectors   ? tw_hvp(NULL, y, HANDLES(in), in.count, HANDLES(given), &options, results)
                              : squared ? tw_hessian(NULL, y, HANDLES(in), in.count, &options, results)
                                        : tw_jacobian(NULL, y, HANDLES(in), in.count, &options, results))
            if (check(state, status) == 0) result = tensors_wrap(state, results, count);
        }
        PyMem_Free(results);
    }
    list_free(&in);
    list_free(&given);
    return result;
}

static PyObject *derivatives_jacobian(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"output", "inputs", "mode", "create_graph", NULL};
    State *state = module_state(module);
    PyObject *output, *inputs;
    int mode = 0, create = 0;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O!O|ip", names, state->tensor_type, &output, &inputs, &mode,
                                     &create))
        return NULL;
    return by_inputs(state, output, inputs, NULL, mode, create, false);
}

static PyObject *derivatives_hessian(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"output", "inputs", "create_graph", NULL};
    State *state = module_state(module);
    PyObject *output, *inputs;
    int create = 0;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O!O|p", names, state->tensor_type, &output, &inputs, &create))
        return NULL;
    return by_inputs(state, output, inputs, NULL, 0, create, true);
}

static PyObject *derivatives_hvp(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"output", "inputs", "vectors", "create_graph", NULL};
    State *state = module_state(module);
    PyObject *output, *inputs, *vectors;
    int create = 0;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O!OO|p", names, state->tensor_type, &output, &inputs, &vectors,
                                     &create))
        return NULL;
    return by_inputs(state, output, inputs, vectors, 0, create, false);
}

PyMethodDef derivatives_functions[] = {
    {"tape_vjp", METHOD_KEYWORDS(derivatives_vjp),
     "tape_vjp(outputs, inputs, directions, create_graph=False)\n--\n\n"
     "The gradients of the inputs that those of recorded outputs make together."},
    {"tape_jvp", METHOD_KEYWORDS(derivatives_jvp),
     "tape_jvp(outputs, inputs, directions, create_graph=False)\n--\n\n"
     "How recorded outputs move when the inputs move along directions."},
    {"tape_jacobian", METHOD_KEYWORDS(derivatives_jacobian),
     "tape_jacobian(output, inputs, mode=0, create_graph=False)\n--\n\n"
     "The derivatives of a recorded output by each input, of shape output.shape + input.shape.\n"
     "Mode 1 walks backward, 2 forward, 0 what is shorter."},
    {"tape_hessian", METHOD_KEYWORDS(derivatives_hessian),
     "tape_hessian(output, inputs, create_graph=False)\n--\n\n"
     "The second derivatives of a recorded output of one element by each pair of inputs, row by row."},
    {"tape_hvp", METHOD_KEYWORDS(derivatives_hvp),
     "tape_hvp(output, inputs, vectors, create_graph=False)\n--\n\n"
     "The Hessian of a recorded output of one element times vectors."},
    {0},
};
