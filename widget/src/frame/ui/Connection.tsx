import { useEffect, useState } from 'react';
import { useConversation, useShared } from './context.ts';

function useOnline(): boolean {
  const [isOnline, setOnline] = useState(navigator.onLine);
  useEffect(() => {
    const update = () => setOnline(navigator.onLine);
    addEventListener('online', update);
    addEventListener('offline', update);
    return () => {
      removeEventListener('online', update);
      removeEventListener('offline', update);
    };
  }, []);
  return isOnline;
}

/** Says when the window is not connected. A live region, so it is there also when it is empty. */
export function Connection({ onReturn }: { readonly onReturn: () => void }) {
  const { conversation, say } = useShared();
  const connection = useConversation(conversation, state => state.connection);
  const isOnline = useOnline();
  const text = !isOnline ? say('offline') : connection === 'online' ? '' : say(connection);
  return (
    <div className="connection" role="status">
      {text && <p>{text}</p>}
      {isOnline && connection === 'displaced' && (
        <button className="quiet" onClick={onReturn} type="button">
          {say('continue_here')}
        </button>
      )}
    </div>
  );
}
