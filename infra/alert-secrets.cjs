// One secret for each alert source that verifies by one; kept when the stack is removed.
const { SOURCES_WITH_SECRET } = require('../shared/alerts/routes.ts');

const pascal = (name) => name.replace(/(?:^|-)([a-z])/g, (_, letter) => letter.toUpperCase());

module.exports = {
  Resources: Object.fromEntries(
    SOURCES_WITH_SECRET.map(({ name }) => [
      `Alerts${pascal(name)}Secret`,
      {
        Type: 'AWS::SecretsManager::Secret',
        Condition: 'CreateSecrets',
        DeletionPolicy: 'Retain',
        UpdateReplacePolicy: 'Retain',
        Properties: {
          Name: 'patrol/${sls:stage}/alerts/' + name,
          Description: `What the alert source ${name} signs with`,
        },
      },
    ]),
  ),
};
