/* The module talweg._talweg: its state, its types, its functions. */
#include "talweg_python.h"

static struct PyModuleDef definition;

State *module_state(PyObject *module) {
    return PyModule_GetState(module);
}

State *object_state(PyObject *object) {
    PyTypeObject *type = Py_TYPE(object);
    while (type && PyType_GetFlags(type) & Py_TPFLAGS_HEAPTYPE) {
        PyObject *module = PyType_GetModule(type);
        if (module && PyModule_GetDef(module) == &definition) return PyModule_GetState(module);
        PyErr_Clear();
        type = PyType_GetSlot(type, Py_tp_base);
    }
    return NULL;
}

PyObject *numpy_get(State *state, const char *name) {
    if (!state->numpy && !(state->numpy = PyImport_ImportModule("numpy"))) return NULL;
    return PyObject_GetAttrString(state->numpy, name);
}

int type_add(PyObject *module, PyType_Spec *spec, PyTypeObject *base, PyTypeObject **slot) {
    *slot = (PyTypeObject *)PyType_FromModuleAndSpec(module, spec, (PyObject *)base);
    return *slot ? PyModule_AddType(module, *slot) : -1;
}

void object_free(PyObject *self) {
    PyTypeObject *type = Py_TYPE(self);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    release(self);
    Py_DECREF(type);
}

static PyObject *module_set_num_threads(PyObject *module, PyObject *count) {
    int64_t value;
    if (int64_from(count, "number of threads", &value) < 0) return NULL;
    if (check(module_state(module), tw_set_num_threads(value)) < 0) return NULL;
    Py_RETURN_NONE;
}

static PyObject *module_num_threads(PyObject *module, PyObject *unused) {
    (void)module;
    (void)unused;
    return PyLong_FromLongLong(tw_num_threads());
}

static PyObject *module_seed(PyObject *module, PyObject *args) {
    (void)module;
    uint64_t seed;
    if (!PyArg_ParseTuple(args, "O&:seed", to_uint64, &seed)) return NULL;
    tw_seed(seed);
    Py_RETURN_NONE;
}

static PyObject *module_version(PyObject *module, PyObject *unused) {
    (void)module;
    (void)unused;
    return PyUnicode_FromString(tw_version());
}

static PyObject *module_build_info(PyObject *module, PyObject *unused) {
    (void)module;
    (void)unused;
    return PyUnicode_FromString(tw_build_info());
}

static PyObject *module_live_handles(PyObject *module, PyObject *unused) {
    (void)module;
    (void)unused;
    return PyLong_FromLongLong(tw_live_handles());
}

static PyObject *module_max_rank(PyObject *module, PyObject *unused) {
    (void)module;
    (void)unused;
    return PyLong_FromLong(TW_MAX_RANK);
}

static PyObject *module_dtype(PyObject *module, PyObject *object) {
    State *state = module_state(module);
    tw_dtype dtype;
    return dtype_from(state, object, &dtype) < 0 ? NULL : dtype_object(state, dtype);
}

static PyMethodDef module_functions[] = {
    {"_dtype", module_dtype, METH_O, "_dtype(dtype, /)\n--\n\nThe dtype that a name, a NumPy dtype or a Python type stands for."},
    {"_max_rank", module_max_rank, METH_NOARGS, "_max_rank()\n--\n\nThe most axes that a tensor can have."},
    {"set_num_threads", module_set_num_threads, METH_O,
     "set_num_threads(count, /)\n--\n\nSets how many threads the process's pool uses, 1 to 1024.\n"
     "Results do not depend on it, bit for bit. ValueError outside."},
    {"num_threads", module_num_threads, METH_NOARGS, "num_threads()\n--\n\nHow many threads the pool uses."},
    {"seed", module_seed, METH_VARARGS,
     "seed(seed, /)\n--\n\nSeeds the process's default random generator; without a call the seed is 0."},
    {"version", module_version, METH_NOARGS, "version()\n--\n\nThe version of the library that was loaded."},
    {"build_info", module_build_info, METH_NOARGS,
     "build_info()\n--\n\nCompiler, instruction sets found and in use, number of threads, as one line."},
    {"live_handles", module_live_handles, METH_NOARGS,
     "live_handles()\n--\n\nHow many handles are alive in the process: for finding leaks."},
    {0},
};

static int module_exec(PyObject *module) {
    State *state = module_state(module);
    state->error = PyErr_NewExceptionWithDoc(
        "talweg.TalwegError",
        "A failure of the engine that no built-in exception fits: a matrix that cannot be\n"
        "factorised, a loss that diverged. `status` is its name, such as 'TW_ERROR_DIVERGED'.",
        PyExc_RuntimeError, NULL);
    if (!state->error || PyModule_AddObjectRef(module, "TalwegError", state->error) < 0) return -1;
    if (dtype_type_add(module, state) < 0 || generator_type_add(module, state) < 0 ||
        tensor_types_add(module, state) < 0 || module_type_add(module, state) < 0 ||
        lstsq_result_type_add(module, state) < 0 || stream_type_add(module, state) < 0 ||
        problem_type_add(module, state) < 0 ||
        optimizer_type_add(module, state) < 0 || schedule_type_add(module, state) < 0 ||
        average_type_add(module, state) < 0 || loader_type_add(module, state) < 0 ||
        key_value_cache_type_add(module, state) < 0 ||
        event_writer_type_add(module, state) < 0 ||
        glm_result_type_add(module, state) < 0 || elastic_net_result_type_add(module, state) < 0 ||
        robust_result_type_add(module, state) < 0 || constrained_result_type_add(module, state) < 0 ||
        total_result_type_add(module, state) < 0 || basis_type_add(module, state) < 0)
        return -1;
    PyMethodDef *tables[] = {
        module_functions,
        attention_functions,
        autodiff_functions,
        constrained_functions,
        convolution_functions,
        create_functions,
        custom_functions,
        derivatives_functions,
        design_functions,
        dlpack_functions,
        elastic_net_functions,
        embedding_functions,
        glm_functions,
        io_functions,
        layers_conv_functions,
        layers_functions,
        layers_norm_functions,
        layers_sequence_functions,
        levenberg_marquardt_functions,
        linalg_functions,
        loss_functions,
        lstsq_functions,
        memory_functions,
        nonlinear_functions,
        normalization_functions,
        ops_arrange_functions,
        ops_functions,
        ops_index_functions,
        ops_reduce_functions,
        ops_search_functions,
        ops_shape_functions,
        optim_functions,
        pickle_functions,
        products_functions,
        random_functions,
        recurrent_functions,
        robust_functions,
        schedule_functions,
        sparse_functions,
        spectral_functions,
        stochastic_functions,
        total_functions,
        train_functions,
    };
    for (size_t i = 0; i < sizeof tables / sizeof *tables; ++i)
        if (PyModule_AddFunctions(module, tables[i]) < 0) return -1;
    return 0;
}

static int module_traverse(PyObject *module, visitproc visit, void *arg) {
    State *state = module_state(module);
    Py_VISIT(state->error);
    Py_VISIT(state->numpy);
    Py_VISIT(state->dtype_type);
    Py_VISIT(state->generator_type);
    Py_VISIT(state->tensor_type);
    Py_VISIT(state->parameter_type);
    Py_VISIT(state->module_type);
    Py_VISIT(state->lstsq_result_type);
    Py_VISIT(state->glm_result_type);
    Py_VISIT(state->elastic_net_result_type);
    Py_VISIT(state->robust_result_type);
    Py_VISIT(state->constrained_result_type);
    Py_VISIT(state->total_result_type);
    Py_VISIT(state->basis_type);
    Py_VISIT(state->stream_type);
    Py_VISIT(state->problem_type);
    Py_VISIT(state->optimizer_type);
    Py_VISIT(state->schedule_type);
    Py_VISIT(state->average_type);
    Py_VISIT(state->loader_type);
    Py_VISIT(state->key_value_cache_type);
    Py_VISIT(state->event_writer_type);
    for (int i = 0; i < DTYPE_CODES; ++i) Py_VISIT(state->dtypes[i]);
    return 0;
}

static int module_clear(PyObject *module) {
    State *state = module_state(module);
    Py_CLEAR(state->error);
    Py_CLEAR(state->numpy);
    for (int i = 0; i < DTYPE_CODES; ++i) Py_CLEAR(state->dtypes[i]);
    Py_CLEAR(state->dtype_type);
    Py_CLEAR(state->generator_type);
    Py_CLEAR(state->tensor_type);
    Py_CLEAR(state->parameter_type);
    Py_CLEAR(state->module_type);
    Py_CLEAR(state->lstsq_result_type);
    Py_CLEAR(state->glm_result_type);
    Py_CLEAR(state->elastic_net_result_type);
    Py_CLEAR(state->robust_result_type);
    Py_CLEAR(state->constrained_result_type);
    Py_CLEAR(state->total_result_type);
    Py_CLEAR(state->basis_type);
    Py_CLEAR(state->stream_type);
    Py_CLEAR(state->problem_type);
    Py_CLEAR(state->optimizer_type);
    Py_CLEAR(state->schedule_type);
    Py_CLEAR(state->average_type);
    Py_CLEAR(state->loader_type);
    Py_CLEAR(state->key_value_cache_type);
    Py_CLEAR(state->event_writer_type);
    return 0;
}

static void module_free(void *module) {
    module_clear(module);
}

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, module_exec},
    {0},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "talweg._talweg",
    .m_doc = "The engine, bound one to one; the package talweg is over it.",
    .m_size = sizeof(State),
    .m_slots = slots,
    .m_traverse = module_traverse,
    .m_clear = module_clear,
    .m_free = module_free,
};

PyMODINIT_FUNC PyInit__talweg(void);

PyMODINIT_FUNC PyInit__talweg(void) {
    return PyModuleDef_Init(&definition);
}
