// The part of the libraries that plots.js needs: compiling, parsing, drawing, and no eval.
export { compile } from "vega-lite";
export { View, Warn, parse } from "vega";
export { expressionInterpreter } from "vega-interpreter";
