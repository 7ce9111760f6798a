// What documents the API; docs.js starts it.
import SwaggerUI from "swagger-ui";
window.SwaggerUIBundle = SwaggerUI;
