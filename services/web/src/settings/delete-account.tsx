import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { deleteAccount } from '../api/client.ts';
import { session } from '../session/session.ts';
import { TEXT } from '../text.ts';
import { announce } from '../ui/announcer.tsx';
import { Button } from '../ui/button.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { Field } from '../ui/field.tsx';

const { settings: words } = TEXT;

/** Asks for the username: a press too many must not do this. */
export function DeleteAccount({ username }: { username: string }) {
  const [asking, setAsking] = useState(false);
  const [typed, setTyped] = useState('');
  const remove = useMutation({
    mutationFn: () => deleteAccount(),
    onSuccess() {
      session.end({ by: 'choice' });
      announce(words.removed);
    },
  });
  return (
    <>
      <Button look="quiet" onClick={() => setAsking(true)}>
        {words.remove}
      </Button>
      {asking && (
        <Confirm
          title={words.removeTitle}
          detail={words.removeDetail}
          yes={words.removeYes}
          busy={words.removing}
          act={remove}
          ready={typed.trim().toLowerCase() === username.toLowerCase()}
          onClose={() => setAsking(false)}
        >
          <Field
            label={words.removeConfirm}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
          />
        </Confirm>
      )}
    </>
  );
}
