// Grafana's bundle asks for the class itself where the package gives a module around it.
module.exports = require('./node_modules/react-custom-scrollbars-2/lib/index.js').default;
