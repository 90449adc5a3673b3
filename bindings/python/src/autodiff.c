/* Gradients: the tape as attributes and methods of tensors, and talweg.grad. */
#include "talweg_python.h"

PyObject *tensor_get_grad(PyObject *self, void *unused) {
    (void)unused;
    State *state = object_state(self);
    bool present;
    if (check(state, tw_tensor_has_grad(TENSOR(self), &present)) < 0) return NULL;
    if (!present) Py_RETURN_NONE;
    return tensor_wrap(state, tw_tensor_grad(NULL, TENSOR(self)));
}

int tensor_set_grad(PyObject *self, PyObject *value, void *unused) {
    (void)unused;
    State *state = object_state(self);
    PyObject *gradient = NULL;
    if (value && tensor_or_none(state, value, &gradient) < 0) return -1;
    int result = check(state, tw_tensor_set_grad(TENSOR(self), gradient ? TENSOR(gradient) : NULL));
    Py_XDECREF(gradient);
    return result;
}

PyObject *tensor_zero_grad(PyObject *self, PyObject *unused) {
    (void)unused;
    if (check(object_state(self), tw_tensor_zero_grad(TENSOR(self))) < 0) return NULL;
    Py_RETURN_NONE;
}

PyObject *tensor_get_requires_grad(PyObject *self, void *unused) {
    (void)unused;
    bool required;
    if (check(object_state(self), tw_tensor_requires_grad(TENSOR(self), &required)) < 0) return NULL;
    return PyBool_FromLong(required);
}

int tensor_set_requires_grad(PyObject *self, PyObject *value, void *unused) {
    (void)unused;
    int required = value ? PyObject_IsTrue(value) : 0;
    if (required < 0) return -1;
    return check(object_state(self), tw_tensor_set_requires_grad(TENSOR(self), required));
}

PyObject *tensor_get_is_leaf(PyObject *self, void *unused) {
    (void)unused;
    bool leaf;
    if (check(object_state(self), tw_tensor_is_leaf(TENSOR(self), &leaf)) < 0) return NULL;
    return PyBool_FromLong(leaf);
}

PyObject *tensor_detach(PyObject *self, PyObject *unused) {
    (void)unused;
    return tensor_wrap(object_state(self), tw_detach(NULL, TENSOR(self)));
}

PyObject *tensor_backward(PyObject *self, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"gradient", "retain_graph", "create_graph", NULL};
    State *state = object_state(self);
    PyObject *given = Py_None, *gradient;
    int retain = 0, create = 0;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|O$pp:backward", names, &given, &retain, &create)) return NULL;
    if (tensor_or_none(state, given, &gradient) < 0) return NULL;
    tw_grad_options options = TW_GRAD_OPTIONS_INIT;
    options.gradient = gradient ? TENSOR(gradient) : NULL;
    options.retain_graph = retain;
    options.create_graph = create;
    tw_status status;
    UNLOCKED(status = tw_backward_with(NULL, TENSOR(self), &options))
    Py_XDECREF(gradient);
    return check(state, status) < 0 ? NULL : Py_NewRef(Py_None);
}

PyObject *tensors_wrap(State *state, tw_tensor **handles, Py_ssize_t count) {
    PyObject *result = PyTuple_New(count);
    for (Py_ssize_t i = 0; i < count; ++i) {
        PyObject *tensor = result ? tensor_wrap(state, handles[i]) : NULL;
        if (!result) tw_release(handles[i]);
        else if (!tensor || PyTuple_SetItem(result, i, tensor) < 0) Py_CLEAR(result);
    }
    return result;
}

static PyObject *autodiff_grad(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"output", "inputs", "grad_output", "retain_graph", "create_graph", "allow_unused", NULL};
    State *state = module_state(module);
    PyObject *output, *inputs, *given = Py_None, *keep, *gradient, *result = NULL;
    int retain = 0, create = 0, unused = 0;
    tw_tensor **handles;
    Py_ssize_t count;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O!O|Oppp:grad", names, state->tensor_type, &output, &inputs, &given,
                                     &retain, &create, &unused))
        return NULL;
    bool single = is_tensor(state, inputs);
    PyObject *sequence = single ? PyTuple_Pack(1, inputs) : Py_NewRef(inputs);
    if (!sequence) return NULL;
    int ready = tensors_from(state, sequence, &keep, &handles, &count);
    Py_DECREF(sequence);
    if (ready < 0) return NULL;
    tw_tensor **gradients = PyMem_Calloc((size_t)count + 1, sizeof *gradients);
    if (!gradients) {
        PyErr_NoMemory();
    } else if (tensor_or_none(state, given, &gradient) == 0) {
        tw_grad_options options = TW_GRAD_OPTIONS_INIT;
        options.gradient = gradient ? TENSOR(gradient) : NULL;
        options.retain_graph = retain;
        options.create_graph = create;
        options.allow_unused = unused;
        tw_status status;
        UNLOCKED(status = tw_grad(NULL, TENSOR(output), (const tw_tensor *const *)handles, count, &options, gradients))
        if (check(state, status) == 0) result = tensors_wrap(state, gradients, count);
        Py_XDECREF(gradient);
    }
    PyMem_Free(gradients);
    PyMem_Free(handles);
    Py_DECREF(keep);
    if (result && single) {
        PyObject *only = Py_NewRef(PyTuple_GetItem(result, 0));
        Py_DECREF(result);
        return only;
    }
    return result;
}

static PyObject *autodiff_set_grad_enabled(PyObject *module, PyObject *value) {
    (void)module;
    int enabled = PyObject_IsTrue(value);
    return enabled < 0 ? NULL : PyBool_FromLong(tw_set_grad_enabled(enabled));
}

static PyObject *autodiff_is_grad_enabled(PyObject *module, PyObject *unused) {
    (void)module;
    (void)unused;
    return PyBool_FromLong(tw_grad_enabled());
}

static PyObject *autodiff_set_mixed_precision(PyObject *module, PyObject *value) {
    (void)module;
    int enabled = PyObject_IsTrue(value);
    return enabled < 0 ? NULL : PyBool_FromLong(tw_set_mixed_precision(enabled));
}

static PyObject *autodiff_mixed_precision(PyObject *module, PyObject *unused) {
    (void)module;
    (void)unused;
    return PyBool_FromLong(tw_mixed_precision());
}

static PyObject *autodiff_has_bfloat16(PyObject *module, PyObject *unused) {
    (void)module;
    (void)unused;
    return PyBool_FromLong(tw_has_bfloat16());
}

PyMethodDef autodiff_functions[] = {
    {"grad", METHOD_KEYWORDS(autodiff_grad),
     "grad(output, inputs, grad_output=None, retain_graph=False, create_graph=False, allow_unused=False)\n--\n\n"
     "The gradient of `output` by `inputs`: a tensor for a tensor, a tuple for a sequence.\n"
     "Leaves keep the gradients that they hold. `grad_output` has output's shape; without it\n"
     "output has one element. `create_graph` records the gradients for second derivatives.\n"
     "An input that output does not depend on is an error, or zeros with `allow_unused`."},
    {"set_grad_enabled", autodiff_set_grad_enabled, METH_O,
     "set_grad_enabled(enabled, /)\n--\n\nSwitches recording on or off for this thread; gives what it was."},
    {"is_grad_enabled", autodiff_is_grad_enabled, METH_NOARGS,
     "is_grad_enabled()\n--\n\nWhether this thread records."},
    {"_set_mixed_precision", autodiff_set_mixed_precision, METH_O, NULL},
    {"is_autocast_enabled", autodiff_mixed_precision, METH_NOARGS,
     "is_autocast_enabled()\n--\n\nWhether products of float32 on this thread take their factors in bfloat16."},
    {"has_bfloat16", autodiff_has_bfloat16, METH_NOARGS,
     "has_bfloat16()\n--\n\nWhether the kernels in use multiply bfloat16 by instructions of the CPU."},
    {0},
};
