// Stands in for the package "source-map" in our bundles: without a SourceNode Handlebars uses its own small one.
export {};
