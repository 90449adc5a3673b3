/* Python functions inside the tape: custom operations, checkpointing, hooks,
   the gradient checker; and anomaly mode. talweg.autograd is over it. */
#include "talweg_python.h"

#define MOST_OUTPUTS 64

/* A context is a tuple of the tensor type, which leads to the module's state,
   and of the functions. An exception that one raises stays set: the call that
   began it all, on this thread, raises it. */
static State *context_state(void *context) {
    return PyType_GetModuleState((PyTypeObject *)PyTuple_GetItem(context, 0));
}

static void context_destroy(void *context) {
    if (!Py_IsInitialized()) return;
    PyGILState_STATE lock = PyGILState_Ensure();
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    Py_DECREF((PyObject *)context);
    PyErr_Restore(type, value, traceback);
    PyGILState_Release(lock);
}

/* The scope's tensors as Python's own, None for NULL. */
static PyObject *tuple_of(State *state, const tw_tensor *const *handles, int64_t count) {
    PyObject *tuple = PyTuple_New((Py_ssize_t)count);
    for (Py_ssize_t i = 0; tuple && i < count; ++i) {
        PyObject *tensor =
            handles[i] ? tensor_wrap(state, tw_keep((tw_tensor *)handles[i])) : Py_NewRef(Py_None);
        if (!tensor || PyTuple_SetItem(tuple, i, tensor) < 0) Py_CLEAR(tuple);
    }
    return tuple;
}

/* Writes a tensor, or a sequence of tensors and Nones, as a callback's results. */
static int results_from(State *state, tw_scope *scope, PyObject *given, tw_tensor **results, int64_t count) {
    PyObject *tuple = is_tensor(state, given) ? PyTuple_Pack(1, given) : PySequence_Tuple(given);
    if (!tuple) return -1;
    Py_ssize_t size = PyTuple_Size(tuple);
    int status = 0;
    if (size > count) {
        PyErr_Format(PyExc_ValueError, "the function gave %zd results; at most %lld fit", size, (long long)count);
        status = -1;
    }
    for (Py_ssize_t i = 0; status == 0 && i < size; ++i) {
        PyObject *item = PyTuple_GetItem(tuple, i);
        if (item == Py_None) continue;
        if (!is_tensor(state, item)) {
            PyErr_Format(PyExc_TypeError, "the function gave %R, not a Tensor", Py_TYPE(item));
            status = -1;
        } else if (!(results[i] = tensor_hand_over(scope, item))) {
            status = -1;
        }
    }
    Py_DECREF(tuple);
    return status;
}

/* Calls function number `which` of the context and takes its results. */
static int call_function(void *context, int which, tw_scope *scope, PyObject *arguments, tw_tensor **results,
                         int64_t count) {
    State *state = context_state(context);
    PyObject *given = NULL;
    if (arguments) given = PyObject_CallObject(PyTuple_GetItem(context, which), arguments);
    int status = given ? results_from(state, scope, given, results, count) : -1;
    Py_XDECREF(given);
    return status == 0 ? 0 : 1;
}

static int run_function(void *context, tw_scope *scope, const tw_tensor *const *inputs, int64_t input_count,
                        tw_tensor **outputs, int64_t output_count) {
    PyGILState_STATE lock = PyGILState_Ensure();
    PyObject *arguments = PyErr_Occurred() ? NULL : tuple_of(context_state(context), inputs, input_count);
    int code = call_function(context, 1, scope, arguments, outputs, output_count);
    Py_XDECREF(arguments);
    PyGILState_Release(lock);
    return code;
}

static int run_pass(void *context, int which, tw_scope *scope, const tw_custom_pass *pass, int64_t given,
                    tw_tensor **results, int64_t count) {
    PyGILState_STATE lock = PyGILState_Ensure();
    State *state = context_state(context);
    PyObject *arguments = NULL;
    if (!PyErr_Occurred()) {
        PyObject *inputs = tuple_of(state, pass->inputs, pass->input_count);
        PyObject *outputs = tuple_of(state, pass->outputs, pass->output_count);
        PyObject *gradients = tuple_of(state, pass->gradients, given);
        PyObject *wanted = PyTuple_New((Py_ssize_t)pass->input_count);
        for (Py_ssize_t i = 0; wanted && i < pass->input_count; ++i)
            PyTuple_SetItem(wanted, i, PyBool_FromLong(pass->wanted[i]));
        if (inputs && outputs && gradients && wanted) arguments = PyTuple_Pack(4, inputs, outputs, gradients, wanted);
        Py_XDECREF(inputs);
        Py_XDECREF(outputs);
        Py_XDECREF(gradients);
        Py_XDECREF(wanted);
    }
    int code = call_function(context, which, scope, arguments, results, count);
    Py_XDECREF(arguments);
    PyGILState_Release(lock);
    return code;
}

static int run_backward(void *context, tw_scope *scope, const tw_custom_pass *pass, tw_tensor **results,
                        int64_t count) {
    return run_pass(context, 2, scope, pass, pass->output_count, results, count);
}

static int run_tangent(void *context, tw_scope *scope, const tw_custom_pass *pass, tw_tensor **results,
                       int64_t count) {
    return run_pass(context, 3, scope, pass, pass->input_count, results, count);
}

/* The outputs that a call with room for all wrote. */
static PyObject *outputs_wrap(State *state, tw_tensor **outputs) {
    Py_ssize_t count = 0;
    while (count < MOST_OUTPUTS && outputs[count]) ++count;
    return tensors_wrap(state, outputs, count);
}

static PyObject *custom_apply(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    const char *name;
    PyObject *forward, *backward, *tangent, *inputs, *keep, *result = NULL;
    tw_tensor **handles, *outputs[MOST_OUTPUTS] = {NULL};
    Py_ssize_t count;
    if (!PyArg_ParseTuple(args, "sOOOO:custom_apply", &name, &forward, &backward, &tangent, &inputs)) return NULL;
    if (tensors_from(state, inputs, &keep, &handles, &count) < 0) return NULL;
    PyObject *context = PyTuple_Pack(4, (PyObject *)state->tensor_type, forward, backward, tangent);
    if (context) {
        tw_custom_operation operation = TW_CUSTOM_OPERATION_INIT;
        operation.name = name;
        operation.forward = run_function;
        operation.backward = run_backward;
        operation.tangent = tangent == Py_None ? NULL : run_tangent;
        operation.context = context;
        operation.destroy = context_destroy;
        tw_status status;
        UNLOCKED(status = tw_custom_apply(NULL, &operation, (const tw_tensor *const *)handles, count, outputs,
                                          MOST_OUTPUTS))
        if (status != TW_OK) Py_DECREF(context);
        if (check(state, status) == 0) result = outputs_wrap(state, outputs);
    }
    PyMem_Free(handles);
    Py_DECREF(keep);
    return result;
}

static PyObject *custom_checkpoint(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    PyObject *function, *inputs, *keep, *result = NULL;
    tw_tensor **handles, *outputs[MOST_OUTPUTS] = {NULL};
    Py_ssize_t count;
    if (!PyArg_ParseTuple(args, "OO:tape_checkpoint", &function, &inputs)) return NULL;
    if (tensors_from(state, inputs, &keep, &handles, &count) < 0) return NULL;
    PyObject *context = PyTuple_Pack(2, (PyObject *)state->tensor_type, function);
    if (context) {
        tw_status status;
        UNLOCKED(status = tw_checkpoint(NULL, run_function, context, context_destroy,
                                        (const tw_tensor *const *)handles, count, outputs, MOST_OUTPUTS))
        if (status != TW_OK) Py_DECREF(context);
        if (check(state, status) == 0) result = outputs_wrap(state, outputs);
    }
    PyMem_Free(handles);
    Py_DECREF(keep);
    return result;
}

static int run_hook(void *context, tw_scope *scope, const tw_tensor *gradient, tw_tensor **replacement) {
    PyGILState_STATE lock = PyGILState_Ensure();
    State *state = context_state(context);
    int code = 1;
    PyObject *arguments = PyErr_Occurred() ? NULL : tuple_of(state, &gradient, 1);
    PyObject *given = arguments ? PyObject_CallObject(PyTuple_GetItem(context, 1), arguments) : NULL;
    if (given == Py_None) code = 0;
    else if (given && is_tensor(state, given)) code = (*replacement = tensor_hand_over(scope, given)) ? 0 : 1;
    else if (given) PyErr_Format(PyExc_TypeError, "the hook gave %R, not a Tensor or None", Py_TYPE(given));
    Py_XDECREF(given);
    Py_XDECREF(arguments);
    PyGILState_Release(lock);
    return code;
}

PyObject *tensor_register_hook(PyObject *self, PyObject *hook) {
    State *state = object_state(self);
    if (!PyCallable_Check(hook)) {
        PyErr_Format(PyExc_TypeError, "the hook must be callable, not %R", Py_TYPE(hook));
        return NULL;
    }
    PyObject *context = PyTuple_Pack(2, (PyObject *)state->tensor_type, hook);
    if (!context) return NULL;
    uint64_t number;
    tw_status status = tw_tensor_add_hook(TENSOR(self), run_hook, context, context_destroy, &number);
    if (status != TW_OK) Py_DECREF(context);
    if (check(state, status) < 0) return NULL;
    PyObject *autograd = PyImport_ImportModule("talweg.autograd");
    PyObject *handle =
        autograd ? PyObject_CallMethod(autograd, "HookHandle", "OK", self, (unsigned long long)number) : NULL;
    Py_XDECREF(autograd);
    return handle;
}

PyObject *tensor_remove_hook(PyObject *self, PyObject *number) {
    uint64_t value;
    if (!to_uint64(number, &value)) return NULL;
    if (check(object_state(self), tw_tensor_remove_hook(TENSOR(self), value)) < 0) return NULL;
    Py_RETURN_NONE;
}

static PyObject *custom_set_anomaly_mode(PyObject *module, PyObject *value) {
    (void)module;
    int enabled = PyObject_IsTrue(value);
    return enabled < 0 ? NULL : PyBool_FromLong(tw_set_anomaly_mode(enabled));
}

static PyObject *custom_check_gradients(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    PyObject *function, *inputs, *keep, *result = NULL;
    tw_gradient_check_options options = TW_GRADIENT_CHECK_OPTIONS_INIT;
    tw_gradient_check found = TW_GRADIENT_CHECK_INIT;
    int second, forward;
    tw_tensor **handles;
    Py_ssize_t count;
    if (!PyArg_ParseTuple(args, "OOdddpp:check_gradients", &function, &inputs, &options.step, &options.absolute,
                          &options.relative, &second, &forward))
        return NULL;
    options.second_order = second;
    options.forward_mode = forward;
    if (tensors_from(state, inputs, &keep, &handles, &count) < 0) return NULL;
    PyObject *context = PyTuple_Pack(2, (PyObject *)state->tensor_type, function);
    if (context) {
        tw_status status;
        UNLOCKED(status = tw_check_gradients(run_function, context, (const tw_tensor *const *)handles, count,
                                             MOST_OUTPUTS, &options, &found))
        if (check(state, status) == 0)
            result = Py_BuildValue("(NLiLLddd)", PyBool_FromLong(found.passed), (long long)found.compared,
                                   (int)found.kind, (long long)found.input, (long long)found.element,
                                   found.derivative, found.difference, found.excess);
        Py_DECREF(context);
    }
    PyMem_Free(handles);
    Py_DECREF(keep);
    return result;
}

PyMethodDef custom_functions[] = {
    {"custom_apply", custom_apply, METH_VARARGS,
     "custom_apply(name, forward, backward, tangent, inputs, /)\n--\n\n"
     "The outputs of a custom operation: forward(*inputs) gives them, backward(inputs, outputs,\n"
     "gradients, wanted) the inputs' gradients, tangent (or None) the outputs' tangents."},
    {"tape_checkpoint", custom_checkpoint, METH_VARARGS,
     "tape_checkpoint(function, inputs, /)\n--\n\n"
     "The outputs of function(*inputs), which saves nothing and runs again in the backward pass."},
    {"set_anomaly_mode", custom_set_anomaly_mode, METH_O,
     "set_anomaly_mode(enabled, /)\n--\n\n"
     "Switches the search for the first NaN on or off for this thread; gives what it was."},
    {"check_gradients", custom_check_gradients, METH_VARARGS,
     "check_gradients(function, inputs, step, absolute, relative, second_order, forward_mode, /)\n--\n\n"
     "Compares derivatives with differences: (passed, compared, kind, input, element, derivative,\n"
     "difference, excess), the latter of the worst."},
    {0},
};
