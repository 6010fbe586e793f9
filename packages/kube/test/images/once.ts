/* An image for tests: prints what it was told and exits with the code that it was told. */
console.log(`ran ${process.env['WHAT']} as ${process.env['POD_NAME']}`);
process.exit(Number(process.env['EXIT_CODE'] ?? 0));
